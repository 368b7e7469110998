// The service worker, and the page it shows without a network in the language this page is in.
export const install = async () => {
  if (!navigator.serviceWorker || !globalThis.caches) return;
  try {
    await navigator.serviceWorker.register("/sw.js");
    await navigator.serviceWorker.ready;
    const {lang} = document.documentElement;
    for (const name of await caches.keys()) {
      const cache = await caches.open(name), kept = await cache.match("/offline");
      if (!kept || kept.headers.get("Content-Language") === lang) continue;
      const fresh = await fetch("/offline", {headers: {"Accept-Language": lang}});
      if (fresh.ok) await cache.put("/offline", fresh);
    }
  } catch { /* without it the wallet works, but only with a network */ }
};

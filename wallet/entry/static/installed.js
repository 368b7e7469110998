// The service worker, and the page it shows without a network in the language this page is in.
export const install = async () => {
  if (!navigator.serviceWorker || !globalThis.caches) return;
  try {
    await navigator.serviceWorker.register("/sw.js");
    const {active} = await navigator.serviceWorker.ready;
    active.postMessage({offlineIn: document.documentElement.lang});
  } catch { /* without it the wallet works, but only with a network */ }
};

// Keeps what is the same for everybody: scripts, pictures and the page to read without a network. No page with anything of
// hers, nothing of /v1, and nothing that is sent: a form that did not get through is told so, never sent again by itself.
const CACHE = `ujuzi-${VERSION}`, OFFLINE = "/offline";

self.addEventListener("install", event => event.waitUntil((async () => {
  const cache = await caches.open(CACHE);
  await cache.addAll([...FILES, OFFLINE]);
  await self.skipWaiting();
})()));

self.addEventListener("activate", event => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
})()));

// Only the worker opens caches: a page that opened one which is being dropped would make it anew.
const offlineIn = async lang => {
  if (!await caches.has(CACHE)) return;
  const cache = await caches.open(CACHE), kept = await cache.match(OFFLINE);
  if (kept?.headers.get("Content-Language") === lang) return;
  const fresh = await fetch(OFFLINE, {headers: {"Accept-Language": lang}});
  if (fresh.ok) await cache.put(OFFLINE, fresh);
};
self.addEventListener("message", event => {
  if (event.data?.offlineIn) event.waitUntil(offlineIn(event.data.offlineIn).catch(() => { /* no network: at the next page */ }));
});

const kept = async request => {
  const cache = await caches.open(CACHE), found = await cache.match(request);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok && request.url.includes(`/static/${VERSION}/`)) await cache.put(request, answer.clone());
  return answer;
};
const page = async event => {
  try { return (await event.preloadResponse) || await fetch(event.request); }
  catch (error) {
    const found = await (await caches.open(CACHE)).match(OFFLINE);
    if (found) return found;
    throw error;
  }
};
self.addEventListener("fetch", event => {
  const {request} = event, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(kept(request));
  else if (request.mode === "navigate" && request.destination === "document") event.respondWith(page(event));
});

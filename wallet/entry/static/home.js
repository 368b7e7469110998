// Tells at once that something came: a page that waits looks again, another one offers to. Without it, pages look by themselves.
const place = document.querySelector("[data-live]");
let source = null, looked = false;
const come = kind => {
  const {live, next} = place.dataset;
  if (kind === "locked" || live === "look") { if (!looked) { looked = true; location.replace(next || location.href); } return; }
  if (kind !== "connection") place.firstElementChild.hidden = false;
};
const listen = () => {
  source?.close();
  source = new EventSource("/home/events");
  source.onmessage = event => come(JSON.parse(event.data));
};
if (place && globalThis.EventSource && !navigator.connection?.saveData) {
  listen();
  addEventListener("online", listen);
  addEventListener("pagehide", () => source.close());
}

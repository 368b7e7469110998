// On every page of an open wallet: it locks when nobody uses it, in every tab; it keeps the sealed copy of this phone; it says
// when there is no network, and a form that did not get through keeps what was typed.
import {install} from "./installed.js";
import {copied, seal, stillNewest, wallet as known} from "./phone.js";

const main = document.getElementById("main"), {wallet, csrf} = main.dataset, IDLE = Number(main.dataset.idle) * 1000;
const says = Object.fromEntries([...document.querySelectorAll("[data-app]")].map(each => [each.dataset.app, each.textContent]));
const MINUTE = 60000, WARN = Math.min(MINUTE, IDLE / 2), LOOK = Math.min(15000, IDLE / 10), OWED = "ujuzi-lock-owed";

// --- nothing of hers stays on the screen after the lock
const empty = () => { document.title = ""; document.body.replaceChildren(); };
const tabs = globalThis.BroadcastChannel ? new BroadcastChannel("ujuzi") : {postMessage: () => {}};
const leave = (to = "/") => { empty(); location.replace(to); };
const locked = to => { tabs.postMessage({locked: wallet}); leave(to); };
const lock = async () => {
  empty();
  try {
    await fetch("/lock", {method: "POST", keepalive: true, redirect: "manual", headers: {"X-CSRF-Token": csrf}});
    localStorage.removeItem(OWED);
  } catch { localStorage.setItem(OWED, "1"); } // no network: the server locks by its own clock, this phone at the next page
  locked();
};
addEventListener("pagehide", () => { document.documentElement.hidden = true; });
addEventListener("pageshow", event => { if (event.persisted) { empty(); location.reload(); } });
if (localStorage.getItem(OWED)) await lock();

// --- idle: `asked` is when the server last heard of her, `touched` when she last did something
let asked = Date.now(), touched = asked, bar = null;
const here = async () => {
  asked = Date.now();
  tabs.postMessage({asked, wallet});
  bar?.remove(); bar = null;
  try {
    const answer = await fetch("/phone/here", {cache: "no-store", headers: {Accept: "application/json"}});
    if (answer.status === 401 || answer.status === 423) locked();
  } catch { /* told by the line about the network */ }
};
const warn = () => {
  if (bar) return;
  bar = document.createElement("div");
  bar.className = "note bad soon";
  bar.setAttribute("role", "alert");
  const text = document.createElement("p"), button = document.createElement("button");
  text.textContent = says.locks_soon; button.textContent = says.still_here; button.type = "button"; button.id = "still-here";
  button.addEventListener("click", here);
  bar.append(text, button);
  document.body.append(bar);
};
const look = () => {
  const left = asked + IDLE - Date.now();
  if (left <= 0) lock();
  else if (touched > asked && left < IDLE / 2) here();
  else if (left <= WARN) warn();
};
for (const what of ["pointerdown", "keydown", "input", "scroll"]) addEventListener(what, () => { touched = Date.now(); }, {passive: true, capture: true});
const ticking = setInterval(look, LOOK);
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
tabs.onmessage = ({data}) => {
  if (data.locked || data.opened && data.opened !== wallet) leave();
  else if (data.wallet === wallet && data.asked > asked) { asked = data.asked; bar?.remove(); bar = null; }
};
tabs.postMessage({opened: wallet});
tabs.postMessage({asked, wallet});

// --- the network
const tell = (text, bad = false) => {
  const line = document.getElementById("status");
  if (!line) return;
  line.textContent = text; line.hidden = !text; line.classList.toggle("note", Boolean(text)); line.classList.toggle("bad", bad);
  if (bad) line.scrollIntoView({block: "center"});
};
addEventListener("offline", () => tell(says.offline, true));
addEventListener("online", () => tell(says.online));
if (!navigator.onLine) tell(says.offline, true);

// --- forms: what did not arrive stays, and counts once however often it is sent
const tries = new WeakMap();
const sent = async (form, body) => {
  const before = tries.get(form), key = before?.body === body ? before.key : crypto.randomUUID();
  tries.set(form, {body, key});
  const headers = {"Content-Type": "application/x-www-form-urlencoded", "Idempotency-Key": key, "X-Form": "1", Accept: "text/html"};
  for (;;) {
    const answer = await fetch(form.getAttribute("action") || location.href, {method: "POST", headers, body, cache: "no-store"});
    const wait = answer.status === 409 && Number(answer.headers.get("Retry-After"));
    if (!wait) return answer;
    await new Promise(done => setTimeout(done, wait * 1000)); // the first try is still being carried out
  }
};
const go = to => {
  const there = new URL(to, location.href);
  if (there.pathname + there.search === location.pathname + location.search) location.reload(); else location.assign(there);
};
document.addEventListener("submit", async event => {
  const form = event.target, button = event.submitter, locks = form.getAttribute("action") === "/lock";
  if (event.defaultPrevented || form.method !== "post" || form.enctype === "multipart/form-data" || form.target) return;
  event.preventDefault();
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  const fields = new FormData(form);
  if (button?.name) fields.append(button.name, button.value);
  asked = Date.now();
  tell(says.sending);
  try {
    const answer = await sent(form, new URLSearchParams(fields).toString());
    const to = answer.headers.get("X-Go");
    if (to && locks) return locked(to);
    if (to) return go(to);
    tries.delete(form);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.title = page.title;
    document.querySelector("main").replaceChildren(...document.adoptNode(page.querySelector("main")).childNodes);
    document.dispatchEvent(new Event("ujuzi:shown"));
    if (!document.getElementById("main")?.dataset.wallet) clearInterval(ticking); // the wallet is gone; what is shown now stays
    scrollTo(0, 0);
    (document.querySelector("main [role=alert]") || document.querySelector("main h1"))?.scrollIntoView();
  } catch {
    if (locks) return lock();
    tell(navigator.onLine ? says.unsure : says.unsent, true);
  } finally { form.ariaBusy = null; }
});

// --- the sealed copy: looked at again at home, elsewhere seldom; on the slowest networks seldom everywhere
const keep = async () => {
  const pair = (await known(wallet))?.pair;
  if (!pair || !navigator.onLine) return;
  const before = await copied(wallet), slow = navigator.connection?.saveData || /2g/.test(navigator.connection?.effectiveType || "");
  const age = before ? Date.now() - before.checked : Infinity;
  if (age < (location.pathname === "/home" && !slow ? MINUTE : 10 * MINUTE)) return;
  const answer = await fetch("/phone/copy", {cache: "no-store", headers: {Accept: "application/json", ...(before && {"If-None-Match": before.tag})}});
  if (answer.status === 401 || answer.status === 423) locked();
  else if (answer.status === 304) await stillNewest(wallet);
  else if (answer.ok) await seal(wallet, await answer.text(), answer.headers.get("ETag"));
};
await install();
try { await keep(); } catch { /* the copy before stays */ }

// Reads the sealed copy of a wallet without a network. What is opened lies in this page alone, and goes with it.
import {methodOf, unwrapped} from "./crypto.js";
import {forget, read, wallets} from "./phone.js";

const at = id => document.getElementById(id), say = name => document.querySelector(`[data-say="${name}"]`).textContent;
const REST = 5 * 60000, AWAY = 60000;
let resting = null, sure = false;

// A text of any direction keeps its own; the box around it keeps that of the page.
const item = (tag, text) => {
  const made = document.createElement(tag);
  made.append(Object.assign(document.createElement("bdi"), {textContent: text}));
  return made;
};
const wrong = text => { at("wrong").hidden = !text; at("wrong").textContent = text; };
const close = () => {
  clearTimeout(resting);
  for (const id of ["list", "history", "as-of"]) at(id).replaceChildren();
  at("given").value = "";
  at("copy").hidden = true; at("closed").hidden = false;
};
const rest = (after = REST) => { clearTimeout(resting); if (!at("copy").hidden) resting = setTimeout(close, after); };

const pairs = lines => {
  const list = document.createElement("dl");
  for (const [label, value] of lines) {
    const cell = document.createElement("dd");
    if (Array.isArray(value)) { const all = document.createElement("ul"); all.append(...value.map(each => item("li", each))); cell.append(all); }
    else cell.append(...item("p", value).childNodes);
    list.append(item("dt", label), cell);
  }
  return list;
};
const card = one => {
  const box = document.createElement("details");
  box.className = "card";
  box.append(item("summary", one.title), item("p", one.from), pairs(one.lines));
  return box;
};
const entry = one => {
  const box = document.createElement("details");
  const when = item("p", one.when);
  when.className = "small";
  box.className = "card";
  box.append(item("summary", one.title ? `${one.what}: ${one.title}` : one.what), when, pairs(one.lines));
  return box;
};
const show = copy => {
  at("as-of").textContent = `${say("as_of")} ${copy.as_of}.`;
  at("list").replaceChildren(...copy.cards.map(card));
  at("history").replaceChildren(...copy.history.map(entry));
  for (const each of [at("list"), at("history")]) { each.lang = copy.lang; each.dir = copy.dir; }
  at("list-none").hidden = copy.cards.length > 0;
  at("history-none").hidden = copy.history.length > 0;
  at("closed").hidden = true; at("copy").hidden = false;
  at("copy").querySelector("[tabindex]").focus();
  rest();
};

const fill = async () => {
  const all = await wallets();
  at("which").replaceChildren(...all.map(each => new Option(each.name, each.wallet_id)));
  at("read").hidden = at("forgetting").hidden = !all.length;
  if (!all.length && at("wrong").hidden) at("busy").textContent = say("nothing");
};

at("read").addEventListener("submit", async event => {
  event.preventDefault();
  wrong("");
  if (!isSecureContext || !crypto.subtle) return wrong(say("insecure"));
  at("busy").textContent = say("busy");
  const given = at("given").value, id = at("which").value, method = methodOf(given);
  try {
    const found = (await wallets()).find(each => each.wallet_id === id);
    const ways = found.envelopes.filter(each => each.method === method);
    let key = null;
    for (const way of ways) key ||= await unwrapped(way.envelope, given).catch(() => null);
    if (!key) return wrong(say("wrong"));
    const text = await read(id, key);
    key.fill(0);
    if (text) show(JSON.parse(text)); else wrong(say("no_copy"));
  } catch { wrong(say("wrong")); } finally { at("busy").textContent = ""; at("given").value = ""; }
});
at("close").addEventListener("click", close);
at("again").addEventListener("click", () => { if (location.pathname === "/offline") location.replace("/"); else location.reload(); });
at("forget").addEventListener("click", async () => {
  if (!sure) { sure = true; at("forget").dataset.label = at("forget").textContent; at("forget").textContent = say("sure"); return; }
  sure = false;
  at("forget").textContent = at("forget").dataset.label;
  await forget(at("which").value);
  await fill();
  at("busy").textContent = say("forgotten");
});
for (const what of ["pointerdown", "keydown"]) addEventListener(what, () => rest());
document.addEventListener("visibilitychange", () => rest(document.hidden ? AWAY : REST));
addEventListener("pagehide", close);
addEventListener("pageshow", event => { if (event.persisted) { close(); location.reload(); } });
const footer = document.querySelector("footer");
if (footer && !navigator.onLine) footer.hidden = true; // another language needs the network
try { await fill(); } catch { at("busy").textContent = say("insecure"); } // no database: `front.js` leads elsewhere

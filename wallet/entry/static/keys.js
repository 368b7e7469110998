// The pages on which a wallet is made, opened and its ways to open are changed. Words and key lie in these variables alone, and
// in what the page shows; the server is sent the key to open the wallet with, and envelopes it cannot open.
import {KIT_WORDS, NoPasskey, NotOpened, WORDS, coded, drawn, kitCode, methodOf, newKey, passkeys, plain, readKit, stranger, unwrapped, unwrappedByPasskey, usable, walletNumber, wrapped, wrappedByPasskey} from "./crypto.js";
import {forget, prepare, remember, wallet as known, wallets} from "./phone.js";

const root = document.querySelector("[data-keys]"), page = root.dataset.keys, next = root.dataset.next;
const at = id => document.getElementById(id), on = (id, what, act) => at(id)?.addEventListener(what, act);
const say = (name, parts = {}) => Object.entries(parts).reduce((text, [key, value]) => text.replaceAll(`{${key}}`, value), document.querySelector(`[data-say="${name}"]`)?.textContent || "");
const told = (name, parts) => Object.assign(new Error(name), {said: say(name, parts)});
const IDLE = 10 * 60000, BEGUN = "ujuzi-begun";
// `key` while it is needed on this very page, `words` while they are shown and checked.
let key = null, words = [], csrf = document.getElementById("main").dataset.csrf || "", mine = root.dataset.walletId || "", resting;

// --- the page
const wipe = () => {
  key?.fill(0); key = null; words = [];
  for (const each of document.querySelectorAll("#main input")) each.value = "";
  for (const id of ["words", "kit-words", "kit-code", "kit-number"]) at(id)?.replaceChildren();
};
const leave = to => { wipe(); location.replace(to); };
const wrong = text => { at("wrong").hidden = !text; at("wrong").textContent = text || ""; if (text) at("wrong").scrollIntoView({block: "nearest"}); };
const show = step => {
  for (const each of root.querySelectorAll("section")) each.hidden = each.id !== `step-${step}`;
  at(`step-${step}`).querySelector("[tabindex]")?.focus();
  if (!["begin", "paper", "open", "which", "ask", "present"].includes(step)) { // another language would begin anew
    document.querySelector("footer")?.setAttribute("hidden", "");
    at("about")?.remove(); at("back")?.remove();
  }
};
const rest = () => { clearTimeout(resting); resting = setTimeout(() => leave("/"), IDLE); };
const secret = () => { for (const what of ["pointerdown", "keydown"]) addEventListener(what, rest); rest(); };
addEventListener("pagehide", wipe);
addEventListener("pageshow", event => { if (event.persisted) location.reload(); });

const problem = error => {
  if (error.said) return error.said;
  if (error.status === 429) return say("wait", {n: error.wait || 60});
  if (error.title === "No room") return say("full");
  if (error.status === 403 || error.status === 404) return say("wrong");
  if (error.status === 423 || error.status === 401) return say("locked");
  if (error instanceof NotOpened) return say("wrong");
  if (error instanceof NoPasskey || error.name === "NotSupportedError") return say("unable");
  if (error.name === "InvalidStateError") return say("already");
  if (error.name === "NotAllowedError" || error.name === "AbortError") return say("cancelled");
  if (error.lost) return say("offline");
  return say("failed");
};
const doing = act => async event => {
  event?.preventDefault();
  wrong();
  const buttons = [...root.querySelectorAll("button")];
  for (const each of buttons) each.disabled = true;
  at("busy").textContent = say("busy");
  try {
    if (!usable()) throw told("insecure");
    await act(event);
  } catch (error) { wrong(problem(error)); } finally {
    at("busy").textContent = "";
    for (const each of buttons) each.disabled = false;
  }
};
const call = async (method, path, body, more = {}, credentials = "same-origin") => {
  const headers = {Accept: "application/json", ...(body && {"Content-Type": "application/json"}), ...more};
  let answer;
  // A lost answer is told from a refusal: what was asked may have been done.
  try { answer = await fetch(path, {method, headers, credentials, cache: "no-store", body: body && JSON.stringify(body)}); } catch { throw Object.assign(new Error(path), {lost: true}); }
  if (!answer.ok) {
    const {title} = await answer.json().catch(() => ({}));
    throw Object.assign(new Error(path), {status: answer.status, title, wait: answer.headers.get("Retry-After")});
  }
  return answer.json();
};
const named = ({name}) => /^\d*$/.test(name) ? `${root.dataset.wallet} ${name}` : name;
const listed = (id, all, act) => at(id).replaceChildren(...all.map(each => {
  const line = document.createElement("li"), button = document.createElement(act ? "button" : "a"), text = document.createElement("bdi");
  text.textContent = named(each);
  button.append(text);
  if (act) { button.type = "button"; button.className = "quiet"; button.addEventListener("click", () => act(each)); } else { button.className = "button"; button.href = `/unlock#${each.wallet_id}`; }
  line.append(button);
  return line;
}));

// --- wallets and this phone
const methodsOf = async id => (await call("GET", `/v1/wallets/${id}/unlock-methods`)).items;
// What this phone keeps: her words' envelopes, and of passkeys only its own.
const keep = async (id, methods, {name, own} = {}) => {
  const before = (await known(id))?.envelopes || [], here = new Set([own, ...before.filter(each => each.method === "passkey").map(each => each.envelope.kdf.credential_id)]);
  const envelopes = methods.filter(each => each.method !== "passkey" || here.has(each.envelope.kdf.credential_id)).map(({method, envelope}) => ({method, envelope}));
  await remember({wallet_id: id, name, envelopes});
};
const passkeysHere = async id => ((await known(id))?.envelopes || []).filter(each => each.method === "passkey").map(each => each.envelope);
const opened = ({wallet_id, csrf: token}) => { mine = wallet_id; csrf = token; };
const put = async (method, envelope) => call("PUT", `/ways/${method}`, {envelope}, {"X-CSRF-Token": csrf});
const updated = async own => { if (await known(mine)) await keep(mine, await methodsOf(mine), {own}); };

// The key by her words; tells which word cannot be right.
const keyBy = async (methods, text) => {
  const count = plain(text) ? plain(text).split(" ").length : 0;
  if (count !== WORDS && count !== KIT_WORDS) throw told("count", {n: count});
  const method = methods.find(each => each.method === methodOf(text));
  try {
    if (!method) throw new NotOpened();
    return {key: await unwrapped(method.envelope, text), method};
  } catch (error) {
    if (!(error instanceof NotOpened)) throw error;
    const odd = await stranger(text).catch(() => null);
    if (odd) throw told(odd.perhaps ? "perhaps" : "unknown", {word: odd.word, n: odd.number, perhaps: odd.perhaps});
    throw error;
  }
};
const keyByPhone = async (id, methods) => {
  const here = new Set((await passkeysHere(id)).map(each => each.kdf.credential_id));
  const able = methods.filter(each => each.method === "passkey" && here.has(each.envelope.kdf.credential_id));
  if (!able.length) throw new NoPasskey();
  const found = await unwrappedByPasskey(able.map(each => each.envelope));
  return {key: found.key, method: able.find(each => each.envelope === found.envelope)};
};
const unlock = async (id, found, methods, remembered) => {
  opened(await call("POST", `/session/${id}`, {wallet_key: coded(found.key), method_id: found.method.id}));
  if (!remembered) return;
  try { await keep(id, methods); await prepare(id, found.key); } catch { /* a full phone: it remembers less, the wallet is open */ }
};

// --- drawing and checking words; `act` is what to do with words that are on paper
let ask = [];
const askFor = async () => {
  words = await drawn(WORDS);
  const first = crypto.getRandomValues(new Uint8Array(1))[0] % (WORDS - 1), second = first + 1 + crypto.getRandomValues(new Uint8Array(1))[0] % (WORDS - 1 - first);
  ask = [["first", first], ["second", second]];
  for (const [id, number] of ask) { at(id).value = ""; at(`${id}-number`).textContent = number + 1; }
  see();
};
const item = text => Object.assign(document.createElement("li"), {textContent: text});
const see = () => { at("words").replaceChildren(...words.map(item)); secret(); show("words"); };
const checking = act => {
  on("written", "click", () => { at("words").replaceChildren(); wrong(); show("check"); at("first").focus(); });
  on("see-again", "click", () => { wrong(); see(); });
  const tried = doing(async () => {
    if (ask.some(([id, number]) => plain(at(id).value) !== words[number])) throw told("again");
    await retried();
  });
  const retried = async () => {
    try { await act(words.join(" ")); } catch (error) { show("stuck"); throw error; }
  };
  on("check", "submit", tried);
  on("retry", "click", doing(retried));
};
const newPhrase = async text => { await put("passphrase", await wrapped(key, text)); await updated(); wipe(); show("done"); };

// --- the recovery sheet: the server has its envelope before anything is on paper, so that no paper opens nothing
const makeSheet = async () => {
  const kit = await drawn(KIT_WORDS), text = kit.join(" "), {qr_svg} = await import("./qr.js");
  await put("recovery-kit", await wrapped(key, text));
  key.fill(0); key = null;
  await updated();
  at("kit-address").textContent = `${location.origin}/recover`;
  at("kit-number").textContent = mine;
  at("kit-words").replaceChildren(...kit.map(item));
  at("kit-code").replaceChildren(qr_svg(kitCode(location.origin, mine, text), at("kit-code").dataset.label));
  secret();
  show("kit");
};
on("print", "click", () => print());
on("kept", "click", () => leave(next));
on("later", "click", () => leave(next));

// --- each page
const byPhone = async id => { if (at("by-phone")) at("by-phone").hidden = !(await passkeysHere(id)).length; };
const pages = {
  async front() {
    const all = await wallets();
    at("known").hidden = at("forget").hidden = !all.length;
    at("make").classList.toggle("quiet", all.length > 0);
    at("unfinished").hidden = !localStorage.getItem(BEGUN);
    listed("wallets", all);
    let sure = null;
    listed("forgettable", all, each => {
      sure = each.wallet_id;
      at("sure-name").textContent = named(each);
      at("sure").hidden = false;
      at("sure").querySelector("h2").focus();
    });
    at("sure-no").onclick = () => { at("sure").hidden = true; };
    at("sure-yes").onclick = doing(async () => { await forget(sure); at("sure").hidden = true; at("forget").open = false; await pages.front(); });
  },

  async new() {
    // What was begun is kept as an envelope under her words: a lost answer leaves neither a second wallet nor words that open nothing.
    let begun = JSON.parse(localStorage.getItem(BEGUN) || "null");
    const make = async () => {
      const body = {wallet_key: coded(key), unlock_methods: [{method: "passphrase", envelope: begun.envelope}]};
      // Without cookies, so that the same request is the same for the server, whatever came back of the answer before.
      const {wallet_id: id} = await call("POST", "/session", body, {"Idempotency-Key": begun.id}, "omit");
      opened(await call("POST", `/session/${id}`, {wallet_key: coded(key)}));
      await keep(id, body.unlock_methods, {name: begun.name});
      await prepare(id, key);
      localStorage.removeItem(BEGUN);
      navigator.storage?.persist?.();
      words = []; at("name").value = at("given").value = "";
      secret();
      show("made");
    };
    checking(async text => {
      key ||= newKey();
      begun ||= {id: crypto.randomUUID(), name: at("name").value.trim().slice(0, 40), envelope: await wrapped(key, text)};
      localStorage.setItem(BEGUN, JSON.stringify(begun));
      await make();
    });
    on("begin", "submit", doing(askFor));
    on("resume", "submit", doing(async () => { ({key} = await keyBy([{method: "passphrase", envelope: begun.envelope}], at("given").value)); await make(); }));
    on("anew", "click", () => { localStorage.removeItem(BEGUN); begun = null; wrong(); show("begin"); });
    on("make-kit", "click", doing(makeSheet));
    if (begun) show("resume");
  },

  async unlock() {
    let id = "", asked = null;
    const all = await wallets();
    const choose = async one => {
      id = one?.wallet_id || "";
      at("which").hidden = !one; at("which-name").textContent = one ? named(one) : "";
      at("unknown-wallet").hidden = at("remember-it").hidden = !!one;
      at("number").required = !one;
      at("by-phone").hidden = true;
      at("another").hidden = !all.length;
      at("lost").href = `/recover?next=${encodeURIComponent(next)}#${id}`;
      asked = id ? methodsOf(id).catch(() => null) : null; // while she types
      if (id) await byPhone(id);
      wrong();
      show("open");
    };
    const methods = async () => await asked || (asked = null, methodsOf(id));
    const open = async (found, held, remembered) => { await unlock(id, found, held, remembered); found.key.fill(0); leave(next); };
    const pick = () => { wrong(); show("which"); };
    listed("wallets", all, choose);
    on("unknown", "click", () => choose(null));
    on("another", "click", () => all.length > 1 || !id ? pick() : choose(null));
    on("open", "submit", doing(async () => {
      if (at("which").hidden) {
        id = walletNumber(at("number").value);
        if (!id) throw told("number");
        asked = null;
      }
      const held = await methods();
      await open(await keyBy(held, at("given").value), held, !at("which").hidden || at("remember").checked);
    }));
    on("by-phone", "click", doing(async () => { const held = await methods(); await open(await keyByPhone(id, held), held, true); }));
    const wanted = location.hash.slice(1), one = all.find(each => each.wallet_id === wanted) || (all.length === 1 && !wanted ? all[0] : null);
    if (one || all.length < 2) await choose(one); else pick();
    if (!one && walletNumber(wanted)) { await choose(null); at("number").value = walletNumber(wanted); }
  },

  async recover() {
    const fill = code => {
      const kit = readKit(code);
      if (!kit) return false;
      if (new URL(kit.wallet).origin !== location.origin) { wrong(say("elsewhere", {address: kit.wallet})); return true; }
      at("number").value = kit.id; at("given").value = kit.words;
      return true;
    };
    const wanted = walletNumber(location.hash.slice(1)), all = await wallets();
    at("number").value = wanted || (all.length === 1 ? all[0].wallet_id : "");
    for (const id of ["number", "given"]) on(id, "input", () => fill(at(id).value));
    on("paper", "submit", doing(async () => {
      const id = walletNumber(at("number").value);
      if (!id) throw told("number");
      const held = await methodsOf(id), found = await keyBy(held, at("given").value);
      await unlock(id, found, held, at("remember").checked);
      key = found.key;
      at("given").value = at("number").value = "";
      secret();
      show("renew");
    }));
    on("renew", "click", doing(askFor));
    checking(newPhrase);
    document.dispatchEvent(new CustomEvent("ujuzi:scan", {detail: {into: at("scan"), fill}}));
  },

  async ways() {
    at("mine").hidden = !(await passkeys()) || (await passkeysHere(mine)).length > 0;
  },
};
// A page of an open wallet that changes a way to open it: the key comes by her words once more.
const change = then => async () => {
  await byPhone(mine);
  const present = find => doing(async () => {
    const held = await methodsOf(mine), found = await find(held);
    key = found.key;
    at("given").value = "";
    secret();
    await then(held);
  });
  on("present", "submit", present(held => keyBy(held, at("given").value)));
  on("by-phone", "click", present(held => keyByPhone(mine, held)));
};
pages.words = async () => { checking(newPhrase); await change(askFor)(); };
pages.paper = change(makeSheet);
pages.phone = async () => {
  let held = [];
  on("yes", "click", doing(async () => { if (!await passkeys()) throw new NoPasskey(); show("present"); }));
  on("make-passkey", "click", doing(async () => {
    const one = await known(mine), others = held.filter(each => each.method === "passkey").map(each => each.envelope);
    const envelope = await wrappedByPasskey(key, one ? named(one) : root.dataset.wallet, root.dataset.product, others);
    await put("passkey", envelope);
    await keep(mine, await methodsOf(mine), {own: envelope.kdf.credential_id});
    wipe();
    show("done");
  }));
  await change(async found => { held = found; show("ready"); })();
  at("by-phone").hidden = true;
};
await pages[page]();
root.dataset.ready = "1";

import {coded, drawn, methodOf, newKey, unwrapped, usable, walletNumber, wrapped} from "./crypto.js";

const root = document.getElementById("wallet"), lang = document.documentElement.lang;
const at = id => document.getElementById(id), on = (id, what, act) => at(id)?.addEventListener(what, act);
const say = name => document.querySelector(`[data-say="${name}"]`).textContent;
const labels = JSON.parse(root.dataset.labels);
const IDLE = 5 * 60000, PATIENCE = 90000;
let token = null, held = null, chosen = null, words = [], asked = 0, resting;

// Everything that is hers lies in these variables and in the page: nothing is stored on the device.
const wipe = () => {
  token = held = chosen = null; words = [];
  for (const each of document.querySelectorAll("input, textarea")) each.value = "";
  root.replaceChildren();
};
const lock = () => token && fetch("/v1/lock", {method: "POST", keepalive: true, headers: {Authorization: `Bearer ${token}`}});
const forget = async () => {
  try { await lock(); } catch { /* it locks itself after some minutes */ }
  wipe();
  location.replace("/together/finished?lang=" + lang);
};
const rest = () => { clearTimeout(resting); if (token) resting = setTimeout(forget, IDLE); };

const wrong = text => { at("wrong").hidden = !text; at("wrong").textContent = text || ""; };
const show = step => {
  for (const each of root.querySelectorAll("section")) each.hidden = each.id !== `step-${step}`;
  at(`step-${step}`).querySelector("[tabindex]")?.focus();
  const footer = document.querySelector("footer");
  if (footer) footer.hidden = true; // another language would begin anew
};
const doing = act => async event => {
  event?.preventDefault();
  wrong(); rest();
  const buttons = [...root.querySelectorAll("button")];
  for (const each of buttons) each.disabled = true;
  at("busy").textContent = say("busy");
  try { await act(event); } catch (error) {
    if (error.status === 423) return forget();
    wrong(error.said || say("failed"));
  } finally {
    if (at("busy")) at("busy").textContent = "";
    for (const each of buttons) each.disabled = false;
  }
};
const told = text => Object.assign(new Error(text), {said: text});

const call = async (method, path, body) => {
  const headers = {...(token && {Authorization: `Bearer ${token}`}), ...(body && {"Content-Type": "application/json"})};
  const answer = await fetch(path, {method, headers, cache: "no-store", body: body && JSON.stringify(body)});
  if (!answer.ok) throw Object.assign(new Error(path), {status: answer.status});
  return answer.status === 204 ? null : answer.json();
};
const until = async look => {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw told(say("late"));
    await new Promise(done => setTimeout(done, 1000));
  }
};

const item = (tag, text) => Object.assign(document.createElement(tag), {textContent: text});
const list = (id, texts) => at(id).replaceChildren(...texts.map(text => item("li", text)));
const day = raw => new Date(`${raw.slice(0, 4)}-${raw.slice(4, 6)}-${raw.slice(6)}T12:00Z`).toLocaleDateString(lang, {dateStyle: "long", timeZone: "UTC"});
const claims = (id, all) => at(id).replaceChildren(...all.filter(each => labels[each.name] && !/^(not stated|none|does not)/.test(each.value)).flatMap(each => {
  const value = document.createElement("dd");
  value.append(item("bdi", each.name.endsWith("_dateint") ? day(each.raw) : each.name === "credits_x10" ? Number(each.raw) / 10 : each.raw));
  return [item("dt", labels[each.name]), value];
}));
const titled = (one, known) => one.edition?.titles?.[lang] || known || one.claims.find(each => each.name === "title")?.raw || "";
const issuer = one => one.issuer.words[lang] || one.issuer.words.en;

// 1. Words, 2. a wallet with a kit, 3. the link, 4. the offer, 5. forget.
on("begin", "click", doing(async () => {
  if (!usable()) throw told(say("insecure"));
  words = await drawn(5);
  list("words", words);
  asked = crypto.getRandomValues(new Uint8Array(1))[0] % 5;
  at("which").textContent = asked + 1;
  show("words");
}));
on("check", "submit", doing(async () => {
  if (at("typed").value.trim().toLowerCase() !== words[asked]) throw told(say("other_word"));
  const key = newKey(), kit = await drawn(10);
  const made = await call("POST", "/v1/wallets", {wallet_key: coded(key), unlock_methods: [
    {method: "passphrase", envelope: await wrapped(key, words.join(" "))},
    {method: "recovery-kit", envelope: await wrapped(key, kit.join(" "))}]});
  key.fill(0);
  token = made.session_token; words = [];
  at("words").replaceChildren(); at("typed").value = "";
  at("kit-address").textContent = `${location.origin}/open#${made.wallet_id}`;
  list("kit-words", kit);
  rest();
  show("kit");
}));
on("print", "click", () => print());
const follow = async url => {
  const made = await call("POST", "/v1/invitations", {url});
  held = await until(async () => (await call("GET", "/v1/offers?state=open")).items.find(each => each.connection_id === made.id));
  at("offer-title").textContent = titled(held);
  at("offer-issuer").textContent = issuer(held);
  claims("offer-claims", held.claims);
  show("offer");
};
on("kept", "click", doing(async () => {
  at("kit-words").replaceChildren(); at("kit-address").textContent = "";
  const oob = new URLSearchParams(location.hash.slice(1)).get("invitation");
  history.replaceState(null, "", location.pathname + location.search);
  if (!oob) return show("link");
  show("link"); // where she is if it fails
  await follow(oob);
}));
on("follow", "submit", doing(() => follow(at("link").value.trim())));
on("accept", "click", doing(async () => {
  await call("POST", `/v1/offers/${held.id}/accept`);
  await until(async () => {
    const now = await call("GET", `/v1/offers/${held.id}`);
    if (now.state === "declined" || now.state === "broken") throw told(say("broken"));
    return now.state === "stored";
  });
  show("done");
}));
on("decline", "click", doing(async () => {
  await call("POST", `/v1/offers/${held.id}/decline`, {});
  show("declined");
}));

// Her own wallet, on any device.
const everything = async () => {
  const found = (await call("GET", "/v1/credentials")).items;
  at("list").replaceChildren(...found.map(each => {
    const button = item("button", titled(each, each.title));
    button.type = "button"; button.className = "quiet";
    button.addEventListener("click", doing(() => one(each)));
    const line = document.createElement("p");
    line.append(button);
    return line;
  }));
  at("list-none").hidden = found.length > 0;
  show("list");
};
const one = async credential => {
  chosen = credential;
  at("one-title").textContent = titled(credential, credential.title);
  at("one-issuer").textContent = issuer(credential);
  claims("one-claims", credential.claims);
  await thread();
  show("one");
};
const thread = async given => {
  const found = given || await call("GET", `/v1/credentials/${chosen.id}/questions`);
  at("thread").replaceChildren(...found.items.map(line => {
    const box = document.createElement("div"), matter = line.matter && [...at("matter").options].find(each => each.value === line.matter);
    box.className = "card"; box.style.marginBlock = ".75rem";
    const text = item("p", [matter?.text, line.text].filter(Boolean).join("\n"));
    text.dir = "auto"; text.style.whiteSpace = "pre-line";
    const when = item("p", `${say(line.by)} · ${new Date(line.at).toLocaleString(lang, {dateStyle: "long", timeStyle: "short"})}${line.sent ? "" : " · " + say("unsent")}`);
    when.className = "small";
    box.append(text, when);
    return box;
  }));
  at("thread-none").hidden = found.items.length > 0;
  at("thread-waits").hidden = !found.waits;
  at("ask").hidden = !found.can_write; at("cannot").hidden = found.can_write;
};
on("enter", "submit", doing(async () => {
  if (!usable()) throw told(say("insecure"));
  const number = walletNumber(at("number").value), given = at("given").value, method = methodOf(given);
  const refused = told(say("wrong_words"));
  let key;
  try {
    if (!number) throw refused;
    const {items} = await call("GET", `/v1/wallets/${number}/unlock-methods`);
    key = await unwrapped(items.find(each => each.method === method).envelope, given);
  } catch (error) { throw error.status && error.status !== 404 && error.status !== 422 ? error : refused; }
  token = (await call("POST", `/v1/wallets/${number}/unlock`, {wallet_key: coded(key)})).session_token;
  at("given").value = at("number").value = "";
  history.replaceState(null, "", location.pathname + location.search);
  rest();
  await everything();
}));
on("back", "click", doing(everything));
on("look", "click", doing(() => thread()));
on("ask", "submit", doing(async () => {
  const body = {matter: at("matter").value, text: at("text").value, language: lang};
  await thread(await call("POST", `/v1/credentials/${chosen.id}/questions`, body));
  at("text").value = "";
}));

for (const each of root.querySelectorAll("[data-forget]")) each.addEventListener("click", forget);
for (const what of ["pointerdown", "keydown"]) addEventListener(what, rest);
addEventListener("pagehide", () => { if (token) { lock(); wipe(); } });
addEventListener("pageshow", event => { if (event.persisted) location.reload(); });
for (const link of document.querySelectorAll("footer a")) link.addEventListener("click", () => { link.href += location.hash; });
if (at("number") && location.hash.length > 1) at("number").value = location.hash.slice(1);

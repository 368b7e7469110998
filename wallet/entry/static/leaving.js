// Taking in the locked file of a wallet from elsewhere: her device opens it with her words and sends the key once, as for any
// wallet that is opened. And, after a wallet was deleted, nothing of it stays on this phone.
import {KIT_WORDS, NotOpened, WORDS, coded, methodOf, plain, readKit, unwrapped, usable} from "./crypto.js";
import {forget, prepare, remember} from "./phone.js";

const MOST = 46 * 1024 * 1024;
const root = document.querySelector("[data-leaving]"), at = id => document.getElementById(id);
const say = name => document.querySelector(`[data-say="${name}"]`)?.textContent || "";
const told = name => Object.assign(new Error(name), {said: say(name)});

// The archive a file holds.
const archiveIn = async file => {
  if (!file) throw told("no_file");
  let archive;
  try { archive = file.size <= MOST ? JSON.parse(await file.text()) : null; } catch { throw told(file.name.startsWith("ujuzi-wallet") ? "damaged" : "not_it"); }
  if (archive?.format !== "ujuzi-wallet/1" || !Array.isArray(archive.unlock_methods) || !archive.store) throw told("not_it");
  return archive;
};
const keyOf = async (archive, text) => {
  const count = plain(text) ? plain(text).split(" ").length : 0;
  if (count !== WORDS && count !== KIT_WORDS) throw told("count");
  const method = archive.unlock_methods.find(each => each?.method === methodOf(text));
  if (!method) throw new NotOpened();
  return unwrapped(method.envelope, text);
};
const problem = error => {
  if (error.said) return error.said;
  if (error instanceof NotOpened) return say("wrong");
  if (error.lost) return say("offline");
  return say({403: "wrong", 413: "damaged", 422: "damaged", 429: "wait", 503: "full"}[error.status] || "failed");
};
const send = async (key, archive) => {
  const headers = {Accept: "application/json", "Content-Type": "application/json"}, body = JSON.stringify({wallet_key: coded(key), archive});
  let answer;
  try { answer = await fetch("/session/import", {method: "POST", headers, cache: "no-store", body}); } catch { throw Object.assign(new Error(), {lost: true}); }
  if (!answer.ok) throw Object.assign(new Error(), {status: answer.status});
  return answer.json();
};

if (root.dataset.leaving === "take-in") {
  at("take-in").addEventListener("submit", async event => {
    event.preventDefault();
    const button = at("take-in").querySelector("button");
    at("wrong").hidden = true;
    button.disabled = true;
    at("busy").textContent = say("busy");
    try {
      if (!usable()) throw told("insecure");
      const given = readKit(at("given").value)?.words || at("given").value;
      const archive = await archiveIn(at("file").files[0]), key = await keyOf(archive, given);
      const {wallet_id} = await send(key, archive);
      if (at("own").checked) {
        await remember({wallet_id, envelopes: archive.unlock_methods.map(({method, envelope}) => ({method, envelope}))});
        await prepare(wallet_id, key);
      }
      key.fill(0);
      at("given").value = "";
      location.replace("/take-in/done");
    } catch (error) {
      at("wrong").textContent = problem(error);
      at("wrong").hidden = false;
      at("wrong").scrollIntoView({block: "nearest"});
    } finally {
      at("busy").textContent = "";
      button.disabled = false;
    }
  });
  addEventListener("pagehide", () => { at("given").value = ""; });
}
if (root.dataset.leaving === "erased") forget(root.dataset.walletId);

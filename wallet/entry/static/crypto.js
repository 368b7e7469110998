// Everything of a wallet's key that her device does: words, envelopes, recovery sheets, passkeys. The server sees none of it
// but envelopes, which it cannot open (docs/wallet.md, "Lock and key"; shared/vc/wallet_lock.py is the same in Python).

const ROUNDS = 600000, MOST_ROUNDS = 10000000, KIT = "ujuzi-recovery:1?";
export const WORDS = 5, KIT_WORDS = 10;
const utf8 = text => new TextEncoder().encode(text), chance = length => crypto.getRandomValues(new Uint8Array(length));

export const coded = bytes => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
export const decoded = text => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), each => each.charCodeAt(0));
export const usable = () => window.isSecureContext && !!crypto.subtle;

// --- words

// The one form in which words are used: NFKC, small letters, single spaces.
export const plain = text => text.normalize("NFKC").toLowerCase().trim().split(/\s+/).filter(Boolean).join(" ");

let listed;
// The 7,776 words, fetched once and kept by the browser.
export const wordlist = () => listed ||= fetch("/together/words").then(async answer => {
  if (!answer.ok) throw new Error(answer.statusText);
  let before = ""; // each word stands there as how many letters it begins with like the one before, and the rest
  return Array.from((await answer.text()).matchAll(/(\d)(\D+)/g), ([, same, rest]) => before = before.slice(0, same) + rest);
}).catch(error => { listed = null; throw error; });

export const drawn = async count => {
  const words = await wordlist(), fair = Math.floor(65536 / words.length) * words.length, found = [];
  while (found.length < count) {
    const [number] = crypto.getRandomValues(new Uint16Array(1));
    if (number < fair) found.push(words[number % words.length]);
  }
  return found;
};

// Whether one letter was left out, put in, put wrong, or two were exchanged.
const near = (a, b) => {
  if (Math.abs(a.length - b.length) > 1) return false;
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const rest = (x, y) => a.slice(at + x) === b.slice(at + y);
  return rest(1, 0) || rest(0, 1) || rest(1, 1) || (a[at] === b[at + 1] && a[at + 1] === b[at] && rest(2, 2));
};
// The first of her words that is not in the list: {word, number, perhaps}; null if all are. `perhaps` is the only word like it.
export const stranger = async text => {
  const words = await wordlist(), known = new Set(words), given = plain(text).split(" ");
  const number = given.findIndex(each => !known.has(each));
  if (number < 0) return null;
  const alike = words.filter(each => near(given[number], each));
  return {word: given[number], number: number + 1, perhaps: alike.length === 1 ? alike[0] : null};
};

// --- the key and its envelopes

export const newKey = () => chance(32);
export class NotOpened extends Error {}

const sealed = async (lock, kdf, key) => {
  const iv = chance(12), wrapped = await crypto.subtle.encrypt({name: "AES-GCM", iv}, lock, key);
  return {v: 1, kdf, cipher: {name: "AES-GCM", iv: coded(iv)}, wrapped: coded(wrapped)};
};
// Raises NotOpened.
const opened = async (lock, {cipher, wrapped}) => {
  try { return new Uint8Array(await crypto.subtle.decrypt({name: "AES-GCM", iv: decoded(cipher.iv)}, lock, decoded(wrapped))); } catch { throw new NotOpened(); }
};
const aes = {name: "AES-GCM", length: 256}, uses = ["encrypt", "decrypt"];
const byWords = async (text, salt, iterations) => {
  const base = await crypto.subtle.importKey("raw", utf8(plain(text)), "PBKDF2", false, ["deriveKey"]);
  return crypto.subtle.deriveKey({name: "PBKDF2", hash: "SHA-256", salt, iterations}, base, aes, false, uses);
};

// The envelope that only these words open.
export const wrapped = async (key, text) => {
  const salt = chance(16);
  return sealed(await byWords(text, salt, ROUNDS), {name: "PBKDF2", hash: "SHA-256", iterations: ROUNDS, salt: coded(salt)}, key);
};
// The 32 bytes of her key. Raises NotOpened.
export const unwrapped = async (envelope, text) => {
  const {v, kdf, cipher} = envelope;
  if (v !== 1 || kdf.name !== "PBKDF2" || kdf.hash !== "SHA-256" || cipher.name !== "AES-GCM" || !(kdf.iterations >= ROUNDS && kdf.iterations <= MOST_ROUNDS))
    throw new NotOpened();
  return opened(await byWords(text, decoded(kdf.salt), kdf.iterations), envelope);
};
// Which of her methods is opened by so many words.
export const methodOf = text => plain(text).split(" ").length > WORDS ? "recovery-kit" : "passphrase";

// --- the recovery sheet

// The number of a wallet as people write it down: with or without dashes, in a whole address, in capitals; "" if it is none.
export const walletNumber = text => {
  const digits = text.split("#").pop().toLowerCase().replace(/[^0-9a-z]/g, "");
  return /^[0-9a-f]{32}$/.test(digits) ? digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5") : "";
};
export const kitCode = (wallet, id, words) => KIT + new URLSearchParams({wallet, id, words});
// {wallet, id, words} of a sheet's code; null for anything else.
export const readKit = text => {
  const code = text.trim();
  if (!code.startsWith(KIT) || code.length > 2000) return null;
  const parts = new URLSearchParams(code.slice(KIT.length)), [wallet, id, words] = ["wallet", "id", "words"].map(name => parts.getAll(name));
  return [wallet, id, words].every(each => each.length === 1 && each[0]) ? {wallet: wallet[0], id: id[0], words: words[0]} : null;
};

// --- a passkey of this phone, whose PRF (WebAuthn level 3, section 10.1.4) gives the same 32 bytes each time its owner unlocks it

export class NoPasskey extends Error {} // this phone has none that can do it

const byPasskey = async (secret, salt) => {
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  return crypto.subtle.deriveKey({name: "HKDF", hash: "SHA-256", salt, info: utf8("ujuzi passkey")}, base, aes, false, uses);
};
// Ask passkeys of these envelopes; {envelope, secret} of the one that answered.
const asked = async envelopes => {
  const of = envelope => envelope.kdf.credential_id;
  const evalByCredential = Object.fromEntries(envelopes.map(each => [of(each), {first: decoded(each.kdf.salt)}]));
  const found = await navigator.credentials.get({publicKey: {
    challenge: chance(32), userVerification: "required", timeout: 120000,
    allowCredentials: envelopes.map(each => ({type: "public-key", id: decoded(of(each)), transports: ["internal", "hybrid"]})),
    extensions: {prf: {evalByCredential}}}});
  const secret = found.getClientExtensionResults().prf?.results?.first, envelope = envelopes.find(each => of(each) === coded(found.rawId));
  if (!secret || !envelope) throw new NoPasskey();
  return {envelope, secret};
};
// Whether it makes sense to offer one here.
export const passkeys = async () => {
  const kind = window.PublicKeyCredential;
  if (!usable() || !kind?.isUserVerifyingPlatformAuthenticatorAvailable) return false;
  const able = await kind.getClientCapabilities?.().catch(() => null);
  return able?.["extension:prf"] !== false && await kind.isUserVerifyingPlatformAuthenticatorAvailable();
};
// Make one on this phone and return the envelope that only it opens. `name` is what the phone shows of it; `others` are envelopes
// of passkeys there are. Raises NoPasskey, and DOMException when she does not unlock the phone.
export const wrappedByPasskey = async (key, name, product, others) => {
  const salt = chance(32), made = await navigator.credentials.create({publicKey: {
    rp: {name: product}, user: {id: chance(16), name, displayName: name}, challenge: chance(32), timeout: 120000, attestation: "none",
    pubKeyCredParams: [{type: "public-key", alg: -7}, {type: "public-key", alg: -257}],
    authenticatorSelection: {authenticatorAttachment: "platform", residentKey: "preferred", userVerification: "required"},
    excludeCredentials: others.map(each => ({type: "public-key", id: decoded(each.kdf.credential_id)})),
    extensions: {prf: {eval: {first: salt}}}}});
  const told = made.getClientExtensionResults().prf, kdf = {name: "WebAuthn-PRF", hash: "SHA-256", credential_id: coded(made.rawId), salt: coded(salt)};
  if (!told?.enabled) throw new NoPasskey();
  const secret = told.results?.first || (await asked([{kdf}])).secret; // many tell it only when asked again
  return sealed(await byPasskey(secret, salt), kdf, key);
};
// {key, envelope} by whichever of these passkeys answers. Raises NotOpened, NoPasskey, DOMException.
export const unwrappedByPasskey = async envelopes => {
  const {envelope, secret} = await asked(envelopes);
  return {envelope, key: await opened(await byPasskey(secret, decoded(envelope.kdf.salt)), envelope)};
};

// What this phone keeps of wallets: which it knows, the wrapped forms of their keys, and a sealed copy to read without a network.
//
// A copy is sealed to a P-256 key pair of this wallet on this phone: an ephemeral pair, ECDH, HKDF-SHA-256, AES-256-GCM. The
// private key is itself sealed under a key derived from the wallet key, so a page can seal a copy without the wallet key,
// and only the wallet key opens one. Nothing readable is ever stored: no title, no name but the one she chose for this phone.

const NAME = "ujuzi", WALLETS = "wallets", COPIES = "copies", CURVE = {name: "ECDH", namedCurve: "P-256"}, PADDED = 8192;
const utf8 = text => new TextEncoder().encode(text);

const database = () => new Promise((done, failed) => {
  const asked = indexedDB.open(NAME, 1);
  asked.onupgradeneeded = () => { for (const each of [WALLETS, COPIES]) asked.result.createObjectStore(each, {keyPath: "wallet_id"}); };
  asked.onsuccess = () => done(asked.result);
  asked.onerror = asked.onblocked = () => failed(asked.error || new Error("the database of this phone is in use"));
});
// One transaction; gives what `act` returned, once everything is written.
const within = async (mode, act) => {
  const db = await database();
  try {
    return await new Promise((done, failed) => {
      const all = db.transaction([WALLETS, COPIES], mode, {durability: "strict"}), asked = act(all.objectStore(WALLETS), all.objectStore(COPIES));
      all.oncomplete = () => done(asked?.result);
      all.onabort = all.onerror = () => failed(all.error);
    });
  } finally { db.close(); }
};

// The wallets this phone knows, in the order in which they came: {wallet_id, name, envelopes: [{method, envelope}], …}.
export const wallets = async () => (await within("readonly", known => known.getAll())).sort((a, b) => a.since - b.since);
export const wallet = wallet_id => within("readonly", known => known.get(wallet_id));

// Keep a wallet, or what is new of it. Without a name it gets the smallest number nobody has.
export const remember = async ({wallet_id, name, envelopes}) => {
  const all = await wallets(), before = all.find(each => each.wallet_id === wallet_id) || {wallet_id, since: Date.now()};
  let number = 1;
  while (all.some(each => each.name === String(number))) number++;
  const kept = {...before, name: name || before.name || String(number), envelopes: envelopes || before.envelopes || []};
  await within("readwrite", known => known.put(kept));
  return kept;
};

// Nothing of it is left on this phone.
export const forget = wallet_id => within("readwrite", (known, copies) => { known.delete(wallet_id); copies.delete(wallet_id); });

const derived = async (secret, salt, info, use) => {
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  return crypto.subtle.deriveKey({name: "HKDF", hash: "SHA-256", salt, info: utf8(info)}, base, {name: "AES-GCM", length: 256}, false, [use]);
};
const bound = wallet_id => utf8(`ujuzi phone ${wallet_id}`); // neither key nor copy passes for another wallet's
const shared = async (own, other) => crypto.subtle.deriveBits({name: "ECDH", public: other}, own, 256);

// Whenever she opens her wallet: this phone can seal copies for it from now on. `wallet_key` are its 32 bytes.
// A pair whose private key it does not open (a wallet taken in again under another key) is replaced, with its copy.
export const prepare = async (wallet_id, wallet_key) => {
  const kept = await wallet(wallet_id) || await remember({wallet_id});
  if (kept.pair) { try { await privateKey(kept, wallet_key); return; } catch { /* made anew below */ } }
  const pair = await crypto.subtle.generateKey(CURVE, true, ["deriveBits"]);
  const salt = crypto.getRandomValues(new Uint8Array(32)), iv = crypto.getRandomValues(new Uint8Array(12));
  const key = await derived(wallet_key, salt, "ujuzi phone key", "encrypt");
  const bytes = await crypto.subtle.exportKey("pkcs8", pair.privateKey);
  const sealed = await crypto.subtle.encrypt({name: "AES-GCM", iv, additionalData: bound(wallet_id)}, key, bytes);
  new Uint8Array(bytes).fill(0);
  const made = {public_key: await crypto.subtle.exportKey("raw", pair.publicKey), private_key: sealed, salt, iv};
  await within("readwrite", (known, copies) => { known.put({...kept, pair: made}); copies.delete(wallet_id); });
};
const privateKey = async ({wallet_id, pair}, wallet_key) => {
  const key = await derived(wallet_key, pair.salt, "ujuzi phone key", "decrypt");
  const bytes = await crypto.subtle.decrypt({name: "AES-GCM", iv: pair.iv, additionalData: bound(wallet_id)}, key, pair.private_key);
  const found = await crypto.subtle.importKey("pkcs8", bytes, CURVE, false, ["deriveBits"]);
  new Uint8Array(bytes).fill(0);
  return found;
};

// Seal a copy (text) in place of the one before; its length tells no more than how many times 8 KiB it is. `tag` says which
// state of the wallet it shows, in the server's own opaque word. False where this phone cannot seal for the wallet.
export const seal = async (wallet_id, text, tag) => {
  const kept = await wallet(wallet_id);
  if (!kept?.pair) return false;
  const pair = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
  const theirs = await crypto.subtle.importKey("raw", kept.pair.public_key, CURVE, false, []);
  const salt = crypto.getRandomValues(new Uint8Array(32)), iv = crypto.getRandomValues(new Uint8Array(12));
  const key = await derived(await shared(pair.privateKey, theirs), salt, "ujuzi phone copy", "encrypt");
  const bytes = utf8(text), padded = new Uint8Array(Math.ceil((bytes.length + 1) / PADDED) * PADDED).fill(32);
  padded.set(bytes);
  const sealed = await crypto.subtle.encrypt({name: "AES-GCM", iv, additionalData: bound(wallet_id)}, key, padded);
  const copy = {wallet_id, tag, checked: Date.now(), public_key: await crypto.subtle.exportKey("raw", pair.publicKey), salt, iv, sealed};
  await within("readwrite", (known, copies) => {
    const asked = known.get(wallet_id); // it may have been forgotten, or its pair replaced, meanwhile
    asked.onsuccess = () => { if (asked.result?.pair && same(asked.result.pair.public_key, kept.pair.public_key)) copies.put(copy); };
  });
  return true;
};
const same = (a, b) => String(new Uint8Array(a)) === String(new Uint8Array(b));

// {tag, checked} of the copy there is: what state it shows, and when it was last found to be the newest (milliseconds).
export const copied = async wallet_id => {
  const found = await within("readonly", (_, copies) => copies.get(wallet_id));
  return found && {tag: found.tag, checked: found.checked};
};
// It was looked at again and is still the newest.
export const stillNewest = wallet_id => within("readwrite", (_, copies) => {
  const asked = copies.get(wallet_id);
  asked.onsuccess = () => { if (asked.result) copies.put({...asked.result, checked: Date.now()}); };
});

// The copy as text; null if there is none. Fails if `wallet_key` is not the key of this wallet, or the copy is damaged.
export const read = async (wallet_id, wallet_key) => {
  const kept = await wallet(wallet_id), copy = await within("readonly", (_, copies) => copies.get(wallet_id));
  if (!kept?.pair || !copy) return null;
  const own = await privateKey(kept, wallet_key), theirs = await crypto.subtle.importKey("raw", copy.public_key, CURVE, false, []);
  const key = await derived(await shared(own, theirs), copy.salt, "ujuzi phone copy", "decrypt");
  const bytes = await crypto.subtle.decrypt({name: "AES-GCM", iv: copy.iv, additionalData: bound(wallet_id)}, key, copy.sealed);
  return new TextDecoder().decode(bytes).trimEnd();
};

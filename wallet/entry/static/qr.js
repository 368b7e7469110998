// A QR code (ISO/IEC 18004) of a text: bytes only, as the smallest code that corrects 15 % of damage (level M).
// It is drawn here, because what a recovery sheet says never leaves the phone.

const QUIET = 4; // modules of white around it, as the standard asks
// By version 1 … 40 at level M: codewords of correction in a block, and blocks.
const CORRECTION = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28];
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49];

// Codewords of a version: what is left of the square without its patterns.
const capacity = version => {
  let bits = (16 * version + 128) * version + 64;
  if (version > 1) {
    const marks = Math.floor(version / 7) + 2;
    bits -= (25 * marks - 10) * marks - 55;
    if (version > 6) bits -= 36;
  }
  return bits >> 3;
};

const times = (x, y) => { // in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) product = (product << 1) ^ ((product >>> 7) * 0x11d) ^ (((y >>> bit) & 1) * x);
  return product;
};
const divisor = degree => {
  const found = new Array(degree).fill(0);
  found[degree - 1] = 1;
  for (let step = 0, root = 1; step < degree; step++, root = times(root, 2))
    for (let at = 0; at < degree; at++) found[at] = times(found[at], root) ^ (found[at + 1] || 0);
  return found;
};
const remainder = (data, by) => {
  const left = by.map(() => 0);
  for (const byte of data) {
    const factor = byte ^ left.shift();
    left.push(0);
    by.forEach((each, at) => { left[at] ^= times(each, factor); });
  }
  return left;
};

const codewords = (bytes, version) => {
  const blocks = BLOCKS[version - 1], correction = CORRECTION[version - 1], all = capacity(version), room = all - blocks * correction;
  const bits = [];
  const push = (value, length) => { for (let at = length - 1; at >= 0; at--) bits.push((value >>> at) & 1); };
  push(4, 4);
  push(bytes.length, version < 10 ? 8 : 16);
  for (const byte of bytes) push(byte, 8);
  push(0, Math.min(4, room * 8 - bits.length));
  push(0, -bits.length & 7);
  const data = [];
  for (let at = 0; at < bits.length; at += 8) data.push(parseInt(bits.slice(at, at + 8).join(""), 2));
  for (let pad = 0xec; data.length < room; pad ^= 0xec ^ 0x11) data.push(pad);
  const by = divisor(correction), short = Math.floor(room / blocks), longer = room % blocks, parts = [], checks = [];
  for (let at = 0, block = 0; block < blocks; block++) {
    const part = data.slice(at, at += short + (block >= blocks - longer));
    parts.push(part);
    checks.push(remainder(part, by));
  }
  const mixed = [];
  for (let at = 0; at <= short; at++) for (const part of parts) if (at < part.length) mixed.push(part[at]);
  for (let at = 0; at < correction; at++) for (const check of checks) mixed.push(check[at]);
  return mixed;
};

const MASKS = [(x, y) => (x + y) % 2, (x, y) => y % 2, x => x % 3, (x, y) => (x + y) % 3, (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2,
  (x, y) => x * y % 2 + x * y % 3, (x, y) => (x * y % 2 + x * y % 3) % 2, (x, y) => ((x + y) % 2 + x * y % 3) % 2];

// How hard a code is to read (section 7.8.3): runs, squares, what looks like a finder, and how far from half it is dark.
const penalty = rows => {
  const size = rows.length, seen = [rows, rows.map((_, x) => rows.map(row => row[x]))];
  let points = 0, dark = 0;
  for (const lines of seen) for (const line of lines) {
    const text = line.join("");
    for (const run of text.match(/0{5,}|1{5,}/g) || []) points += run.length - 2;
    for (let at = 0; at <= size - 11; at++) if (/^(00001011101|10111010000)/.test(text.slice(at, at + 11))) points += 40;
  }
  for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) {
    dark += rows[y][x];
    if (x && y && rows[y][x] === rows[y - 1][x] && rows[y][x] === rows[y][x - 1] && rows[y][x] === rows[y - 1][x - 1]) points += 3;
  }
  return points + 10 * Math.floor(Math.abs(dark * 20 - size * size * 10) / (size * size));
};

// Rows of 0 and 1. Raises RangeError for a text that no code holds.
export const qr_rows = text => {
  const bytes = new TextEncoder().encode(text);
  let version = 1;
  while (version < 41 && bytes.length > capacity(version) - BLOCKS[version - 1] * CORRECTION[version - 1] - (version < 10 ? 2 : 3)) version++;
  if (version > 40) throw new RangeError(`expected at most 2331 bytes, found ${bytes.length}`);
  const size = version * 4 + 17, rows = Array.from({length: size}, () => new Array(size).fill(0)), fixed = rows.map(row => row.map(() => false));
  const set = (x, y, dark) => { if (rows[y]?.[x] !== undefined) { rows[y][x] = dark ? 1 : 0; fixed[y][x] = true; } };
  for (let at = 0; at < size; at++) { set(6, at, at % 2 === 0); set(at, 6, at % 2 === 0); }
  for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]])
    for (let dy = -4; dy <= 4; dy++) for (let dx = -4; dx <= 4; dx++) { const far = Math.max(Math.abs(dx), Math.abs(dy)); set(x + dx, y + dy, far !== 2 && far !== 4); }
  const marks = version > 1 ? Math.floor(version / 7) + 2 : 0, places = [6];
  const step = version === 32 ? 26 : Math.ceil((version * 4 + 4) / (marks * 2 - 2)) * 2;
  for (let at = size - 7; places.length < marks; at -= step) places.splice(1, 0, at);
  for (let i = 0; i < marks; i++) for (let j = 0; j < marks; j++) {
    if ((!i && !j) || (!i && j === marks - 1) || (i === marks - 1 && !j)) continue;
    for (let dy = -2; dy <= 2; dy++) for (let dx = -2; dx <= 2; dx++) set(places[i] + dx, places[j] + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1);
  }
  if (version > 6) {
    let rest = version;
    for (let at = 0; at < 12; at++) rest = (rest << 1) ^ ((rest >>> 11) * 0x1f25);
    for (let at = 0; at < 18; at++) { const dark = ((version << 12 | rest) >>> at) & 1, a = size - 11 + at % 3, b = Math.floor(at / 3); set(a, b, dark); set(b, a, dark); }
  }
  const format = mask => { // level M is 0
    let rest = mask;
    for (let at = 0; at < 10; at++) rest = (rest << 1) ^ ((rest >>> 9) * 0x537);
    const bits = (mask << 10 | rest) ^ 0x5412, bit = at => (bits >>> at) & 1;
    for (let at = 0; at <= 5; at++) set(8, at, bit(at));
    set(8, 7, bit(6)); set(8, 8, bit(7)); set(7, 8, bit(8));
    for (let at = 9; at < 15; at++) set(14 - at, 8, bit(at));
    for (let at = 0; at < 8; at++) set(size - 1 - at, 8, bit(at));
    for (let at = 8; at < 15; at++) set(8, size - 15 + at, bit(at));
    set(8, size - 8, true);
  };
  format(0);
  const data = codewords(bytes, version);
  let next = 0;
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    for (let down = 0; down < size; down++) for (let side = 0; side < 2; side++) {
      const x = right - side, y = (right + 1) & 2 ? down : size - 1 - down;
      if (!fixed[y][x] && next < data.length * 8) { rows[y][x] = (data[next >>> 3] >>> (7 - (next & 7))) & 1; next++; }
    }
  }
  const flip = mask => rows.forEach((row, y) => row.forEach((_, x) => { if (!fixed[y][x] && MASKS[mask](x, y) === 0) row[x] ^= 1; }));
  let best = 0, least = Infinity;
  for (let mask = 0; mask < 8; mask++) {
    flip(mask); format(mask);
    const points = penalty(rows);
    if (points < least) [best, least] = [mask, points];
    flip(mask);
  }
  flip(best); format(best);
  return rows;
};

// The same as an element that grows with its box, black on white. Put it into an element of class `qr`.
export const qr_svg = (text, label = "") => {
  const rows = qr_rows(text), size = rows.length + 2 * QUIET, space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg"), paper = document.createElementNS(space, "path"), ink = document.createElementNS(space, "path");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  paper.setAttribute("fill", "#fff");
  paper.setAttribute("d", `M0 0h${size}v${size}H0z`);
  ink.setAttribute("d", rows.map((row, y) => row.map((dark, x) => dark ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : "").join("")).join(""));
  svg.append(paper, ink);
  return svg;
};

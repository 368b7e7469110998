// Where keys would not be hers: the way to another browser. What stands behind "#" no server sees, so it is added here.
const address = document.getElementById("address"), go = document.getElementById("go"), copy = document.getElementById("copy"), told = document.getElementById("copied");
if (location.hash) {
  address.textContent += location.hash;
  if (go) go.href = go.getAttribute("href").replace("#Intent;", `${location.hash}#Intent;`);
}
const mark = () => { const range = document.createRange(); range.selectNodeContents(address); getSelection().removeAllRanges(); getSelection().addRange(range); };
copy.hidden = false;
copy.addEventListener("click", async () => {
  mark();
  try { await navigator.clipboard.writeText(address.textContent); } catch { document.execCommand("copy"); }
  told.hidden = false;
});

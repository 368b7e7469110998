(() => {
  const field = document.querySelector("[data-find]"), chosen = document.getElementById("chosen");
  let timer, asked = 0;
  const keep = () => {
    for (const box of document.querySelectorAll("#found input:checked")) {
      const row = box.closest(".choice"), name = `kept-${chosen.children.length + 1}`;
      row.querySelector("label").htmlFor = box.id = name;
      chosen.append(row);
    }
  };
  const look = async () => {
    const mine = ++asked;
    const answer = await fetch(`${field.dataset.find}?q=${encodeURIComponent(field.value.trim())}`).catch(() => null);
    if (!answer || !answer.ok || mine !== asked) return;
    const next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("found");
    if (!next) return;
    keep();
    const have = new Set([...chosen.querySelectorAll("input")].map((box) => box.value));
    for (const box of next.querySelectorAll("input")) if (have.has(box.value)) box.closest(".choice").remove();
    document.getElementById("found").replaceWith(next);
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 250);
  });
})();

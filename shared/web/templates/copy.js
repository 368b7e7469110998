(() => {
  if (!navigator.clipboard) return;
  document.addEventListener("click", async event => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    document.getElementById("copied").textContent = button.dataset.copied;
  });
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
})();

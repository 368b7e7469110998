(() => {
  const field = document.getElementById("code");
  if (location.hash.length < 2) return;
  field.value = location.hash.slice(1);
  for (const link of document.querySelectorAll("footer a")) link.hash = location.hash;
  history.replaceState(null, "", location.pathname + location.search);
})();

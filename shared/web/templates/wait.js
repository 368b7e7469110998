(() => {
  const note = document.getElementById("wait");
  const look = async () => {
    let pause = 15;
    if (!document.hidden) {
      try {
        const answer = await fetch(note.dataset.url, {cache: "no-store", headers: {Accept: "application/json"}});
        if (!answer.ok && answer.status < 500 && answer.status !== 429) return;
        if (answer.ok) {
          const told = await answer.json();
          if (note.textContent !== told.words) note.textContent = told.words;
          note.hidden = !told.words;
          if (!told.ask_again_in) return;
          pause = told.ask_again_in;
        }
      } catch {}
    }
    setTimeout(look, 1000 * pause);
  };
  setTimeout(look, 1000 * note.dataset.first);
})();

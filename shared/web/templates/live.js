(() => {
  const live = () => document.getElementById("live");
  let pause = 3000;
  const look = async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch(location.href, {cache: "no-store", headers: {"If-None-Match": live().dataset.tag}});
        if (answer.status === 200) {
          const page = new DOMParser().parseFromString(await answer.text(), "text/html");
          const next = page.getElementById("live");
          if (!next) return;
          live().replaceWith(next);
          for (const button of next.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
          document.title = page.title;
          document.getElementById("state").textContent = page.getElementById("state").textContent;
        } else if (answer.status === 404) return;
        pause = Math.min(pause * 1.1, 15000);
      } catch { pause = 15000; }
    }
    if (!("final" in live().dataset)) setTimeout(look, pause);
  };
  if (!("final" in live().dataset)) setTimeout(look, pause);
})();

(() => {
  const live = () => document.getElementById("live");
  let pause = 3000, told = false, timer, source;
  const tellTimes = () => {
    for (const each of document.querySelectorAll("time[data-local]")) {
      each.textContent = new Date(each.dateTime).toLocaleString(document.documentElement.lang, {
        day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short"});
    }
  };
  const isFinal = () => "final" in live().dataset;
  const later = () => {
    clearTimeout(timer);
    if (isFinal()) source?.close();
    else timer = setTimeout(look, told ? 20000 : pause);
  };
  const look = async () => {
    clearTimeout(timer);
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
          tellTimes();
        } else if (answer.status === 404) return;
        pause = Math.min(pause * 1.1, 15000);
      } catch { pause = 15000; }
    }
    later();
  };
  tellTimes();
  if (isFinal()) return;
  if (window.EventSource && live().dataset.events) {
    source = new EventSource(live().dataset.events);
    source.addEventListener("state", () => { told = true; look(); });
    source.addEventListener("error", () => { told = false; later(); });
  }
  later();
})();

// Whether keys are hers in this browser; what the server tells by the browser's name is not asked again.

// "old" without WebCrypto, a database or a safe address; "in_app" inside another app on an iPhone, "proxy" in a browser whose maker draws its pages.
export const unsafe = async () => {
  const agent = navigator.userAgent, standalone = navigator.standalone || matchMedia("(display-mode: standalone)").matches;
  if (window.operamini) return "proxy";
  if (/\b(iPhone|iPad|iPod|Macintosh)\b.*AppleWebKit/.test(agent) && !/Safari\//.test(agent) && !standalone) return "in_app";
  if (!isSecureContext || !globalThis.crypto?.subtle || !globalThis.indexedDB) return "old";
  return new Promise(done => {
    try {
      const asked = indexedDB.open("ujuzi-can");
      asked.onsuccess = () => { asked.result.close(); indexedDB.deleteDatabase("ujuzi-can"); done(null); };
      asked.onerror = () => done("old");
    } catch { done("old"); }
  });
};

// Show in this page's place how to go on in another browser; its address stays, so that an app's own "open in browser" finds it.
export const refuse = async why => {
  if (document.readyState !== "complete") await new Promise(done => addEventListener("load", done, {once: true})); // its other scripts find what they look for
  const asked = new URLSearchParams({why, to: location.pathname + location.search});
  const text = await (await fetch(`/elsewhere?${asked}`, {headers: {Accept: "text/html"}})).text();
  const other = new DOMParser().parseFromString(text, "text/html");
  document.title = other.title;
  document.querySelector("main").replaceWith(document.adoptNode(other.querySelector("main")));
  await import("./elsewhere.js");
};

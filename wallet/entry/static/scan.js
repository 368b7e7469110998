// Reads a QR code with the camera into a field: `scan.html`. The picture stays in the page; only what the code says is used.
// Where the browser reads codes itself (Chrome on Android), nothing more is loaded.

const EVERY = 250, WIDE = 800;
const EXPECTED = {link: /^(https?|didcomm):\/\/\S+$/i, kit: /^ujuzi-recovery:1\?/};

const reader = async () => {
  if (globalThis.BarcodeDetector && (await BarcodeDetector.getSupportedFormats()).includes("qr_code")) {
    const detector = new BarcodeDetector({formats: ["qr_code"]});
    return async video => (await detector.detect(video))[0]?.rawValue;
  }
  const {decodeQR} = await import("./qr_decode.js");
  const canvas = document.createElement("canvas"), pen = canvas.getContext("2d", {willReadFrequently: true});
  return async video => {
    const scale = Math.min(1, WIDE / video.videoWidth);
    canvas.width = Math.round(video.videoWidth * scale); canvas.height = Math.round(video.videoHeight * scale);
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    try { return decodeQR(pen.getImageData(0, 0, canvas.width, canvas.height)); } catch { return null; } // no code in this picture
  };
};

const attach = root => {
  const part = name => root.querySelector(`[data-scan-part="${name}"]`), say = name => root.querySelector(`[data-say="${name}"]`).textContent;
  const begin = part("begin"), view = part("view"), video = part("video"), told = part("told"), into = document.getElementById(root.dataset.scanInto);
  let stream = null;
  const tell = text => { told.textContent = text; };
  const stop = () => {
    for (const track of stream?.getTracks() || []) track.stop();
    stream = video.srcObject = null;
    view.hidden = true; begin.hidden = false;
  };
  const found = text => {
    stop();
    tell("");
    root.dispatchEvent(new CustomEvent("ujuzi:scanned", {bubbles: true, detail: text}));
    if (!into) return;
    into.value = text;
    into.dispatchEvent(new Event("input", {bubbles: true}));
    (into.form?.querySelector("button:not([type=button])") || into).focus();
  };
  begin.addEventListener("click", async () => {
    begin.hidden = true;
    tell(say("look"));
    let read;
    try {
      [stream, read] = await Promise.all([
        navigator.mediaDevices.getUserMedia({video: {facingMode: "environment", width: {ideal: 1280}, height: {ideal: 720}}, audio: false}), reader()]);
    } catch (error) {
      stop();
      return tell(say(error.name === "NotAllowedError" ? "refused" : "no_camera"));
    }
    const mine = stream;
    view.hidden = false;
    video.srcObject = mine;
    await video.play().catch(() => {});
    part("stop").focus();
    while (stream === mine) {
      const text = video.videoWidth ? await read(video).catch(() => null) : null;
      if (stream !== mine) return;
      if (text && EXPECTED[root.dataset.scan].test(text)) return found(text);
      if (text) tell(say("unread"));
      await new Promise(done => setTimeout(done, EVERY));
    }
  });
  part("stop").addEventListener("click", () => { stop(); tell(""); begin.focus(); });
  addEventListener("pagehide", stop);
  document.addEventListener("visibilitychange", () => { if (document.hidden && stream) stop(); });
  if (navigator.mediaDevices?.getUserMedia) begin.hidden = false;
};

const all = () => { for (const each of document.querySelectorAll("[data-scan]:not([data-scan-on])")) { each.dataset.scanOn = ""; attach(each); } };
document.addEventListener("ujuzi:shown", all);
// Another script may want the text itself, of the reader inside `into`.
document.addEventListener("ujuzi:scan", ({detail: {into, fill}}) => into.addEventListener("ujuzi:scanned", event => fill(event.detail)));
all();

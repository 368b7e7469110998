(() => {
  const button = document.querySelector("[data-passkey]");
  if (!button) return;
  if (!window.PublicKeyCredential) {
    document.querySelector("[data-without]").hidden = false;
    return;
  }
  const bytes = text => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), letter => letter.charCodeAt(0));
  const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const post = async (address, body) => {
    const headers = {"Content-Type": "application/json", "Accept": "application/json"};
    if (button.dataset.csrf) headers["X-CSRF-Token"] = button.dataset.csrf;
    const answer = await fetch(address, {method: "POST", headers, body: JSON.stringify(body)});
    if (!answer.ok) throw new Error(answer.status);
    return answer.json();
  };
  const listed = entries => (entries || []).map(each => ({...each, id: bytes(each.id)}));
  const status = document.getElementById("passkey-status");
  button.addEventListener("click", async () => {
    status.textContent = "";
    button.disabled = true;
    try {
      const {attempt, options} = await post(button.dataset.ask, {});
      const publicKey = {...options, challenge: bytes(options.challenge), excludeCredentials: listed(options.excludeCredentials), allowCredentials: listed(options.allowCredentials)};
      if (options.user) publicKey.user = {...options.user, id: bytes(options.user.id)};
      const made = await navigator.credentials[button.dataset.passkey]({publicKey});
      const response = {};
      for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
        if (made.response[name]) response[name] = text(made.response[name]);
      const credential = {id: made.id, rawId: text(made.rawId), type: made.type, response};
      const {next} = await post(button.dataset.answer, {attempt, credential, next: button.dataset.back || ""});
      location.assign(next);
    } catch {
      status.textContent = button.dataset.failed;
      button.disabled = false;
    }
  });
  button.hidden = false;
})();

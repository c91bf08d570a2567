// Passkeys: signing in with one, adding one, and proving who one is. The browser
// asks for the finger or the key; what it answers goes to the API.
"use strict";
(() => {
  const bytes = (s) => Uint8Array.from(atob(s.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (b) => btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const paths = { "sign-in": "/api/v1/sign-in/passkey", add: "/api/v1/me/passkeys", prove: "/api/v1/me/proof" };

  const ask = async (path, body) => {
    const r = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: body && JSON.stringify(body) });
    if (!r.ok) throw new Error(`${path}: ${r.status}`);
    return r.status === 204 ? null : r.json().catch(() => null);
  };

  // The options come with their bytes as text.
  const options = (o) => {
    const k = structuredClone(o.publicKey || o);
    k.challenge = bytes(k.challenge);
    if (k.user) k.user.id = bytes(k.user.id);
    for (const list of [k.allowCredentials, k.excludeCredentials]) for (const c of list || []) c.id = bytes(c.id);
    return { publicKey: k };
  };

  const answer = (c) => {
    const r = { clientDataJSON: text(c.response.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) if (c.response[name]) r[name] = text(c.response[name]);
    return { id: c.id, rawId: text(c.rawId), type: c.type, response: r, clientExtensionResults: c.getClientExtensionResults() };
  };

  for (const button of document.querySelectorAll("[data-passkey]")) {
    button.addEventListener("click", async () => {
      const what = button.dataset.passkey;
      const problem = document.querySelector("[data-passkey-problem]");
      problem.hidden = true;
      try {
        const begun = await ask(paths[what]);
        const o = options(begun.options || begun.Options);
        const c = what === "add" ? await navigator.credentials.create(o) : await navigator.credentials.get(o);
        await ask(`${paths[what]}/answer`, { id: begun.id || begun.ID, label: navigator.platform || "", answer: answer(c) });
        location.href = button.dataset.next || "/";
      } catch {
        problem.hidden = false;
        button.focus();
      }
    });
  }
})();

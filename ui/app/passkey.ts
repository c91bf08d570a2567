// Passkeys: signing in with one, adding one, and proving who one is. The browser
// asks for the finger or the key; what it answers goes to the API.

const paths: Record<string, string> = {
  "sign-in": "/api/v1/sign-in/passkey", add: "/api/v1/me/passkeys", prove: "/api/v1/me/proof",
};

// What the API begins with: the options of WebAuthn, their bytes as text.
interface Begun {
  id: string;
  options: { publicKey: PublicKeyCredentialCreationOptionsJSON & PublicKeyCredentialRequestOptionsJSON };
}

const bytes = (s: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(s.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

const text = (b: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const named = (list: PublicKeyCredentialDescriptorJSON[] | undefined): PublicKeyCredentialDescriptor[] | undefined =>
  list?.map((c) => ({ type: "public-key", id: bytes(c.id), transports: c.transports as AuthenticatorTransport[] | undefined }));

async function ask(path: string, body?: unknown): Promise<unknown> {
  const r = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  if (!r.ok) throw new Error(`${path}: ${r.status}`);
  return r.status === 204 ? null : r.json().catch(() => null);
}

const make = (o: PublicKeyCredentialCreationOptionsJSON): PublicKeyCredentialCreationOptions => ({
  ...o,
  challenge: bytes(o.challenge), user: { ...o.user, id: bytes(o.user.id) }, excludeCredentials: named(o.excludeCredentials),
  attestation: o.attestation as AttestationConveyancePreference | undefined, extensions: undefined,
  pubKeyCredParams: o.pubKeyCredParams.map((p) => ({ type: "public-key", alg: p.alg })),
});

const use = (o: PublicKeyCredentialRequestOptionsJSON): PublicKeyCredentialRequestOptions => ({
  ...o,
  challenge: bytes(o.challenge), allowCredentials: named(o.allowCredentials),
  userVerification: o.userVerification as UserVerificationRequirement | undefined, extensions: undefined,
});

// answer is a credential as the API reads it.
function answer(c: PublicKeyCredential): unknown {
  const response: Record<string, string> = { clientDataJSON: text(c.response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    const part = (c.response as unknown as Record<string, ArrayBuffer | null | undefined>)[name];
    if (part) response[name] = text(part);
  }
  return { id: c.id, rawId: text(c.rawId), type: c.type, response, clientExtensionResults: c.getClientExtensionResults() };
}

async function go(button: HTMLButtonElement): Promise<void> {
  const what = button.dataset.passkey ?? "";
  const problem = document.querySelector<HTMLElement>("[data-passkey-problem]");
  if (problem) problem.hidden = true;
  try {
    const begun = await ask(paths[what]) as Begun;
    const o = begun.options.publicKey;
    const c = what === "add" ? await navigator.credentials.create({ publicKey: make(o) }) : await navigator.credentials.get({ publicKey: use(o) });
    if (!(c instanceof PublicKeyCredential)) throw new Error("no passkey");
    await ask(`${paths[what]}/answer`, { id: begun.id, label: navigator.platform, answer: answer(c) });
    location.href = button.dataset.next || "/";
  } catch {
    if (problem) problem.hidden = false;
    button.focus();
  }
}

for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-passkey]")) {
  button.addEventListener("click", () => void go(button));
}

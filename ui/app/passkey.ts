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

// Refused is that the server would not begin.
class Refused extends Error {}

async function ceremony(what: string): Promise<void> {
  const begun = await ask(paths[what]).catch((e: Error) => Promise.reject(new Refused(e.message))) as Begun;
  const o = begun.options.publicKey;
  const c = what === "add" ? await navigator.credentials.create({ publicKey: make(o) }) : await navigator.credentials.get({ publicKey: use(o) });
  if (!(c instanceof PublicKeyCredential)) throw new Error("no passkey");
  await ask(`${paths[what]}/answer`, { id: begun.id, label: navigator.platform, answer: answer(c) });
}

// say shows that it did not work, or takes that back.
function say(near: Element, problem: boolean): void {
  const p = near.querySelector<HTMLElement>("[data-passkey-problem]") ?? document.querySelector<HTMLElement>("[data-passkey-problem]");
  if (p) p.hidden = !problem;
}

async function press(button: HTMLButtonElement): Promise<void> {
  say(document.body, false);
  try {
    // Another passkey is added by whoever has shown the one that she has.
    if ("prove" in button.dataset) await ceremony("prove");
    await ceremony(button.dataset.passkey ?? "");
    location.href = button.dataset.next || "/";
  } catch {
    say(document.body, true);
    button.focus();
  }
}

// What is signed is proved as it is sent. Where the server knows no passkey of
// hers it is sent as it is: she may have signed in through her organisation.
async function send(form: HTMLFormElement, by: HTMLElement | null): Promise<void> {
  say(form, false);
  try {
    await ceremony("prove");
  } catch (e) {
    if (!(e instanceof Refused)) {
      say(form, true);
      by?.focus();
      return;
    }
  }
  form.dataset.prove = "done";
  form.requestSubmit(by);
}

for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-passkey]")) {
  button.addEventListener("click", () => void press(button));
}
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-prove]")) {
  form.addEventListener("submit", (e) => {
    if (form.dataset.prove === "done") return;
    e.preventDefault();
    void send(form, e.submitter);
  });
}

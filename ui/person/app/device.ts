// What has to do with the device itself: its home screen, its time zone, its
// push messages and its light.

import { byId, clockAt, make, minutesOf, t } from "./words";
import { dim, look as chosen } from "./look";
import { zone } from "./entry";

const standalone = (): boolean => matchMedia("(display-mode: standalone)").matches || (navigator as { standalone?: boolean }).standalone === true;

interface InstallPrompt extends Event {
  prompt(): Promise<void>;
}

export function install(): void {
  const f = byId("install-form") as HTMLFormElement | null;
  if (!f) return;
  const button = byId("install") as HTMLButtonElement;
  addEventListener("beforeinstallprompt", (e) => {
    e.preventDefault();
    button.hidden = false;
    button.onclick = () => void (e as InstallPrompt).prompt();
  });
  const done = () => {
    byId("installed")!.hidden = false;
    byId("how")!.hidden = true;
    f.querySelector<HTMLInputElement>('[name="standalone"]')!.value = "yes";
  };
  addEventListener("appinstalled", done);
  if (standalone()) done();
}

export function zones(): void {
  const input = document.querySelector<HTMLInputElement>("input[data-zone]");
  const note = byId("zone-note");
  if (!input || !note) return;
  known(input);
  if (!zone() || input.value === zone()) return;
  const use = make("button", { type: "button", class: "quiet" }, t("zone.use", { zone: zone() }));
  use.onclick = () => {
    input.value = zone();
    note.hidden = true;
  };
  note.replaceChildren(t("zone", { zone: zone() }), " ", use);
  note.hidden = false;
}

// known offers the zones that the browser knows while one is typed.
function known(input: HTMLInputElement): void {
  const all = (Intl as { supportedValuesOf?(key: string): string[] }).supportedValuesOf?.("timeZone") ?? [];
  input.after(make("datalist", { id: "zones" }, ...all.map((value) => make("option", { value }))));
  input.setAttribute("list", "zones");
}

// hours follows the hour of waking with the reminder and the end of the quiet
// hours, until the person has set them herself.
export function hours(): void {
  const wake = byId("wake") as HTMLInputElement | null;
  const morning = byId("morning") as HTMLInputElement | null;
  const quiet = byId("quiet_to") as HTMLInputElement | null;
  if (!wake || !morning || !quiet) return;
  let own = false;
  for (const f of [morning, quiet]) f.addEventListener("input", () => (own = true));
  wake.addEventListener("input", () => {
    const m = minutesOf(wake.value);
    if (own || m === undefined) return;
    morning.value = clockAt(m + 30);
    quiet.value = clockAt(m);
  });
}

function bytes(base64: string): Uint8Array<ArrayBuffer> {
  const s = atob(base64.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(s, (c) => c.charCodeAt(0));
}

export function push(): void {
  const box = byId("push") as HTMLInputElement | null;
  const key = document.body.dataset.push;
  if (!box || !key) return;
  const note = byId("push-note")!;
  const say = (word: string) => {
    note.textContent = t(word);
    note.hidden = false;
    box.checked = false;
  };
  box.addEventListener("change", async () => {
    note.hidden = true;
    if (!box.checked) return;
    if (!("PushManager" in window)) return say(/iP(hone|ad)/.test(navigator.userAgent) ? "push.home" : "push.denied");
    if ((await Notification.requestPermission()) !== "granted") return say("push.denied");
    try {
      const r = await navigator.serviceWorker.ready;
      const sub = await r.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
      const sent = await fetch("/me/push", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(sub) });
      if (!sent.ok) say("push.denied");
    } catch {
      say("push.denied");
    }
  });
}

export function look(): void {
  const place = byId("look");
  if (!place) return;
  place.hidden = false;
  const now = chosen();
  for (const i of place.querySelectorAll("input")) {
    i.checked = i.value === now;
    i.addEventListener("change", () => {
      localStorage.setItem("dvala-look", i.value);
      dim();
    });
  }
}

export function print(): void {
  const b = document.querySelector<HTMLButtonElement>("[data-print]");
  if (!b) return;
  b.hidden = false;
  b.onclick = () => window.print();
}

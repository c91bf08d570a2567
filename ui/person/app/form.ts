// Makes the diary and the questionnaires better: one question at a time or one
// page, what is not asked hidden, a form half filled in kept, a second look at a
// night that seems wrong, and everything saved on the device first.

import { byId, clockOf, code, count, dateOf, make, t } from "./words";
import { now, today } from "./clock";
import { answers, entry, items, value } from "./entry";
import { doubts, meant, type Night } from "./night";
import { paradata, watchForm } from "./paradata";
import { flush } from "./queue";
import { steppers } from "./stepper";
import { fold } from "./fold";
import { views } from "./views";
import * as store from "./store";

interface NightLine {
  night: string;
  name: string;
  opens: number;
  due: number;
  closes: number;
  done: boolean;
}

let asked = false; // whether unanswered questions were pointed out

export async function form(): Promise<void> {
  const f = byId("answers") as HTMLFormElement | null;
  if (!f) return;
  const z = f.querySelector<HTMLInputElement>('input[name="zone"]');
  if (z) z.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  if (f.dataset.do === "answer" && f.dataset.nights && !f.dataset.visit) await chooseNight(f);
  if (f.dataset.do === "answer") {
    await restore(f);
    watchForm(f);
    askIf(f);
    unsure(f);
    steppers(f);
    fold(f);
    views(f);
    f.addEventListener("input", () => {
      askIf(f);
      keep(f);
      asked = false;
      hide("left");
    });
  }
  f.addEventListener("submit", (e) => {
    e.preventDefault();
    void submit(f);
  });
}

// chooseNight names the night that is open by the device's clock, which on a
// page that was kept may be another than when it was made.
async function chooseNight(f: HTMLFormElement): Promise<void> {
  const at = now() / 1000;
  const nights: NightLine[] = JSON.parse(f.dataset.nights || "[]");
  const queued = new Set((await store.waiting(code())).map((e) => e.data.night));
  const wanted = new URLSearchParams(location.search).get("night") || "";
  const open = nights.filter((n) => n.opens <= at && at < n.closes && !n.done && !queued.has(n.night));
  const line = open.find((n) => n.night === wanted) ?? open.find((n) => at < n.due) ?? open[open.length - 1];
  const which = byId("which")!;
  if (!line) {
    const done = nights.some((n) => n.opens <= at && at < n.due && (n.done || queued.has(n.night)));
    f.hidden = true;
    which.textContent = done ? t("done") : t("closed");
    return;
  }
  f.hidden = false;
  f.classList.remove("closed");
  hide("closed");
  f.dataset.night = line.night;
  f.querySelector<HTMLInputElement>('input[name="night"]')!.value = line.night;
  which.textContent = t("night", { day: line.name });
  const back = byId("back");
  const late = line.night !== dateOf(today());
  if (back) back.hidden = !late;
  else if (late) which.after(make("p", { class: "note", id: "back" }, t("back")));
}

const draftKey = (f: HTMLFormElement): string => [code(), f.dataset.instrument, f.dataset.visit, f.dataset.night].join(":");

function keep(f: HTMLFormElement): void {
  const said: store.Draft = {};
  for (const [name, v] of new FormData(f)) if (/^[anp]\./.test(name) && v !== "") said[name] = String(v);
  store.keepDraft(draftKey(f), said).catch(() => {
    // a full or closed store costs the draft and nothing else
  });
}

async function restore(f: HTMLFormElement): Promise<void> {
  const said = await store.draft(draftKey(f)).catch((): store.Draft => ({}));
  let any = false;
  for (const name in said) {
    for (const e of f.querySelectorAll<HTMLInputElement>('[name="' + CSS.escape(name) + '"]')) {
      if (e.type === "radio" || e.type === "checkbox") e.checked = e.value === said[name];
      else if (e.value === "") e.value = said[name];
      e.dispatchEvent(new Event("restored"));
      any ||= !name.startsWith("p.");
    }
  }
  if (any) f.prepend(make("p", { class: "note", role: "status" }, t("resumed")));
}

const number = (v: unknown): number | undefined => (typeof v === "number" ? v : v === true ? 1 : v === false ? 0 : undefined);

// askIf shows a question that hangs on another only where that was answered so.
function askIf(f: HTMLFormElement): void {
  for (const item of items(f)) {
    if (!item.dataset.askif) continue;
    const other = f.querySelector<HTMLElement>('[data-item="' + item.dataset.askif + '"]');
    const n = other ? number(value(other)) : undefined;
    item.hidden = !(n !== undefined && n >= Number(item.dataset.atleast));
    item.classList.toggle("unasked", item.hidden);
  }
}

// unsure and a value exclude one another.
function unsure(f: HTMLFormElement): void {
  for (const item of items(f)) {
    const box = item.querySelector<HTMLInputElement>(".unsure input");
    if (!box) continue;
    item.addEventListener("input", (e) => {
      const at = e.target as HTMLInputElement;
      if (at === box) {
        if (!box.checked) return;
        for (const i of item.querySelectorAll<HTMLInputElement>('[name="a.' + item.dataset.item + '"]')) {
          if (i.type === "radio") i.checked = false;
          else i.value = "";
        }
      } else box.checked = false;
    }, true);
  }
}

const hide = (id: string): void => {
  const e = byId(id);
  if (e) e.hidden = true;
};

function night(f: HTMLFormElement): Night {
  const a = answers(f);
  const text = (k: string) => (typeof a[k] === "string" ? (a[k] as string) : undefined);
  const num = (k: string) => (typeof a[k] === "number" ? (a[k] as number) : undefined);
  return {
    bed: text("into-bed"), tried: text("tried-to-sleep"), final: text("final-waking"), up: text("out-of-bed"),
    sol: num("sol"), wakings: num("wakings"), waso: num("waso"),
  };
}

const fieldOf = { bed: "into-bed", tried: "tried-to-sleep", final: "final-waking", up: "out-of-bed" };

// secondLook asks about a night that seems wrong; what is confirmed stands.
function secondLook(f: HTMLFormElement): Promise<string[] | undefined> {
  const found = doubts(night(f));
  const box = byId("doubts")!;
  if (found.length === 0) return Promise.resolve([]);
  return new Promise((done) => {
    const close = (go: boolean, confirmed: string[] = []) => {
      box.hidden = true;
      done(go ? confirmed : undefined);
    };
    const proposal = meant(night(f));
    const buttons: Node[] = [];
    if (proposal) {
      const use = make("button", { type: "button", class: "button" }, t("use", { time: proposal.time }));
      use.onclick = () => {
        const input = byId("f-" + fieldOf[proposal.which]) as HTMLInputElement;
        input.value = proposal.time;
        input.dispatchEvent(new Event("input", { bubbles: true }));
        close(true);
      };
      buttons.push(use);
    }
    const sure = make("button", { type: "button", class: proposal ? "quiet" : "button" }, t("sure"));
    sure.onclick = () => close(true, found.map((d) => d.code));
    const mend = make("button", { type: "button", class: "quiet" }, t("mend"));
    mend.onclick = () => {
      close(false);
      f.dispatchEvent(new CustomEvent("show", { detail: byId("night") }));
    };
    const text = found.map((d) => t("doubt." + d.code, { n: d.hours ?? "" })).join(" ") + (proposal ? " " + t("meant", { time: proposal.time }) : "");
    box.replaceChildren(make("h2", { tabindex: "-1" }, t("doubt")), make("p", {}, text), make("div", { class: "send" }, ...buttons, sure, mend));
    box.hidden = false;
    box.scrollIntoView({ block: "center" });
    box.querySelector<HTMLElement>("h2")!.focus();
  });
}

// left points out what is not answered, once.
function pointOut(f: HTMLFormElement): boolean {
  const open = items(f).filter((i) => !i.hidden && !i.dataset.optional && value(i) === undefined);
  if (open.length === 0 || asked) return true;
  asked = true;
  const place = byId("left")!;
  place.textContent = count("left", open.length);
  place.hidden = false;
  byId("send")!.textContent = t("anyway");
  const first = open[0];
  f.dispatchEvent(new CustomEvent("show", { detail: first.dataset.night ? byId("night") : first }));
  byId("send")!.hidden = false;
  return false;
}

async function submit(f: HTMLFormElement): Promise<void> {
  let confirmed: string[] | undefined;
  if (f.dataset.do === "answer") {
    if (Object.keys(answers(f)).length === 0) {
      const place = byId("left")!;
      place.textContent = t("empty");
      place.hidden = false;
      return;
    }
    if (!pointOut(f)) return;
    confirmed = await secondLook(f);
    if (!confirmed) return;
  } else if (!f.reportValidity()) return;
  const which = f.dataset.night ? byId("which")?.textContent : undefined;
  const e = entry(f, [document.querySelector("h1")?.textContent, which].filter(Boolean).join(", "));
  if (confirmed?.length) e.data.confirmed = confirmed;
  if (e.do === "answer") e.data.paradata = paradata(f);
  try {
    await store.put(e);
  } catch {
    HTMLFormElement.prototype.submit.call(f); // no store on this device: the form is a form
    return;
  }
  await store.dropDraft(draftKey(f)).catch(() => undefined);
  const res = (await flush()).get(e.key);
  if (res && res.state !== "saved" && res.state !== "repeated") location.href = "/me";
  else if (res) location.href = "/me/saved?entry=" + res.entry;
  else if ((await store.waiting(code())).some((w) => w.key === e.key)) kept();
  else location.href = "/me"; // another window of hers has sent it
}

// kept says that an entry is on the device and waits.
function kept(): void {
  byId("main")!.replaceChildren(
    make("h1", { tabindex: "-1" }, t("kept", { time: clockOf(today()) })),
    make("p", {}, t("kept.text")),
    make("p", {}, make("a", { class: "button", href: "/me" }, t("home"))),
  );
  scrollTo(0, 0);
  byId("main")!.querySelector("h1")!.focus();
}

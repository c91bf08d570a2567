// Sends what waits: when the page opens, when the network comes back, and when
// the page comes to the front. The number that waits is always in sight.

import { byId, code, count, make, t } from "./words";
import * as store from "./store";

export interface Result {
  key: string;
  state: string; // saved, repeated, refused, held, again
  at?: string;
  entry?: number;
  code?: string;
  text?: string;
}

const path = "/me/entries";
const most = 20;

// results are what became of the entries that this page has sent, whichever of
// its calls sent them: two may run at once, and one then finds nothing to do.
const results = new Map<string, Result>();

// flush sends what waits, in the order in which it was made, and gives what has
// become of what was sent. What could not be sent stays.
export async function flush(): Promise<Map<string, Result>> {
  if (!code()) return results;
  const work = async () => {
    for (;;) {
      const batch = (await store.waiting(code())).slice(0, most);
      if (batch.length === 0 || !(await send(batch))) return;
    }
  };
  // One page at a time sends; another that tries meanwhile would only repeat it.
  if (navigator.locks) await navigator.locks.request("dvala-queue", work);
  else await work();
  await tell();
  return results;
}

async function send(batch: store.Entry[]): Promise<boolean> {
  let answer: { results: Result[] };
  try {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), 20000);
    const r = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ entries: batch.map((e) => ({ key: e.key, made: e.made, zone: e.zone, do: e.do, data: e.data })) }),
      signal: limit.signal,
    });
    clearTimeout(timer);
    if (!r.ok) return false;
    answer = await r.json();
  } catch {
    return false;
  }
  let moved = 0;
  for (const res of answer.results) {
    const e = batch.find((b) => b.key === res.key);
    if (!e) continue;
    results.set(res.key, res);
    if (res.state === "saved" || res.state === "repeated") {
      await store.drop(e.key);
      receipt(e, res);
    }
    else if (res.state === "again") continue; // the server could not tell: it stays and is sent again
    else await store.refuse(e, res.text || res.code || "");
    moved++;
  }
  return moved > 0;
}

// receipt gives the number of an entry that has waited here and is delivered now:
// of the last three, and the way to all. One that is sent as it is saved has a page
// for its receipt.
function receipt(e: store.Entry, res: Result): void {
  const place = byId("delivered");
  if (!place || !res.entry) return;
  if (!place.firstChild) place.append(make("p", {}, make("a", { href: "/me/past" }, t("receipts"))));
  place.prepend(make("p", {}, t("delivered", { what: e.what, n: res.entry, time: res.at ?? "" })));
  if (place.children.length > 4) place.children[3].remove();
  place.hidden = false;
}

// tell shows how many entries wait, and, kindly, which could not be filed.
export async function tell(): Promise<void> {
  const place = byId("unsent");
  if (!place || !code()) return;
  const n = (await store.waiting(code())).length;
  place.hidden = n === 0;
  if (n > 0) place.textContent = count("unsent", n);
  const device = byId("device");
  if (device) {
    device.hidden = false;
    device.textContent = n > 0 ? count("unsent", n) : t("device.none");
  }
  const news = byId("news");
  if (!news) return;
  const bad = await store.refused(code());
  news.hidden = bad.length === 0;
  news.replaceChildren(
    ...bad.map((e) => {
      const ok = make("button", { type: "button", class: "quiet" }, t("understood"));
      ok.onclick = async () => {
        await store.forget(e.key);
        await tell();
      };
      return make("div", {}, make("p", {}, t("refused", { text: e.what + ". " + e.text })), ok);
    }),
  );
}

export function watch(): void {
  const go = () => void flush();
  addEventListener("online", go);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") go();
  });
  setInterval(go, 60000);
  void tell().then(go);
}

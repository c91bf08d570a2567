// The first page, when it was kept from before: what is due is told anew by the
// device's clock and by what waits to be sent.

import { now } from "./clock";
import { byId, code, make, t } from "./words";
import * as store from "./store";

interface Line {
  kind: string;
  href: string;
  text: string;
  button: string;
  opens: number;
  due: number;
  closes: number;
  done: boolean;
  night?: string;
}

export async function home(): Promise<void> {
  const place = byId("due");
  if (!place) return;
  keep(place.dataset.keep ?? "");
  const stale = Math.abs(now() / 1000 - Number(document.body.dataset.at)) > 600;
  const queue = await store.waiting(code());
  if (place.dataset.started !== "true" || (!stale && queue.length === 0 && navigator.onLine)) return;
  const share = document.querySelector<HTMLElement>(".quiet-line"); // counted when the page was made
  if (share && (stale || queue.length > 0)) share.hidden = true;
  const sent = new Set(queue.map((e) => (e.data.visit ? "/me/visit/" + e.data.visit + "/" + e.data.instrument : "/me/diary?night=" + e.data.night)));
  const at = now() / 1000;
  const plan: Line[] = JSON.parse(place.dataset.plan || "[]") ?? [];
  const lines = plan
    .filter((l) => !l.done && !sent.has(l.href) && l.opens <= at && at < l.closes)
    .sort((a, b) => Number(at >= a.due) - Number(at >= b.due) || Number(a.kind !== "diary") - Number(b.kind !== "diary"));
  if (lines.length === 0) {
    place.replaceChildren(make("p", { class: "say" }, t("nothing")));
    return;
  }
  const [first, ...rest] = lines;
  place.replaceChildren(
    make("p", { class: "say" }, first.text),
    make("p", {}, make("a", { class: "button big", href: first.href }, first.button)),
    make("ul", { class: "also" }, ...rest.map((l) => make("li", {}, make("a", { href: l.href }, l.text)))),
  );
}

// keep asks the service worker to hold the pages that are needed without a
// network: once the page has had time to be used, or as it is left.
function keep(list: string): void {
  const urls = list.split(" ").filter(Boolean);
  if (urls.length === 0 || !("serviceWorker" in navigator)) return;
  void navigator.serviceWorker.ready.then((r) => {
    let asked = false;
    const ask = () => {
      if (!asked) r.active?.postMessage({ keep: urls });
      asked = true;
    };
    setTimeout(ask, 2000);
    addEventListener("pagehide", ask);
  });
}

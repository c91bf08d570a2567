// A page whose numbers move: the server says that something was written, and the
// page asks for itself again and shows what is other than it was. Nothing is asked
// while nobody looks: in a tab that is hidden, or when nobody has touched it for a
// while, so that a session that is left alone ends as it should.

const calm = 2000; // milliseconds between one look and the next
const first = 2000, longest = 300_000; // before the line is taken up again
const patience = 600_000; // without a touch

export function live(ready: (within: ParentNode) => void): void {
  const mark = document.querySelector<HTMLElement>("[data-changes]");
  const url = mark?.dataset.changes;
  if (!mark || !url || !("EventSource" in window)) return;
  let stream: EventSource | undefined;
  let shown = mark.dataset.entries ?? "", wait = first, touched = Date.now(), looking = false;
  let again: ReturnType<typeof setTimeout> | undefined;

  const close = () => {
    stream?.close();
    stream = undefined;
    clearTimeout(again);
    looking = false;
  };
  const wanted = () => !document.hidden && navigator.onLine && Date.now() - touched < patience;
  const open = () => {
    if (stream || !wanted()) return;
    const line = (stream = new EventSource(url));
    line.addEventListener("entries", (e) => {
      wait = first;
      if (!wanted()) close();
      else if (e.data !== shown && !looking) {
        looking = true;
        again = setTimeout(look, calm, e.data);
      }
    });
    line.addEventListener("error", () => {
      close(); // and not as often as the browser would
      again = setTimeout(open, wait * (1 + Math.random() / 2));
      wait = Math.min(2 * wait, longest);
    });
  };
  const look = async (entries: string) => {
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      if (answer.redirected) location.reload(); // she is signed out
      else if (answer.ok && show(mark, new DOMParser().parseFromString(await answer.text(), "text/html"), ready)) shown = entries;
    } catch {
      // the line breaks too, and is taken up again
    } finally {
      looking = false;
    }
  };
  const touch = () => {
    touched = Date.now();
    open();
  };
  for (const kind of ["pointerdown", "keydown", "wheel", "online"]) addEventListener(kind, touch, { passive: true });
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : touch()));
  addEventListener("pagehide", close);
  open();
}

// after gives what of a page stands behind its mark.
function after(mark: Element): Element[] {
  return [...(mark.parentElement?.children ?? [])].filter((x) => mark.compareDocumentPosition(x) & Node.DOCUMENT_POSITION_FOLLOWING);
}

// show puts what is new in place of what stood there; where somebody is reading or
// about to press something she stays. While she looks for something, nothing moves.
function show(mark: HTMLElement, page: Document, ready: (within: ParentNode) => void): boolean {
  const fresh = page.querySelector<HTMLElement>("[data-changes]");
  if (!fresh) return false;
  const [was, now] = [after(mark), after(fresh)];
  const typed = (x: HTMLInputElement) => x.value !== x.defaultValue;
  if (was.some((x) => [...x.querySelectorAll<HTMLInputElement>("input[type=search]")].some(typed))) return false;
  if (was.map((x) => x.outerHTML).join() === now.map((x) => x.outerHTML).join()) return true;
  const name = (x: Element) => x.getAttribute("href") ?? x.getAttribute("aria-label") ?? (x.id || null);
  const held = document.activeElement, place = held && was.some((x) => x.contains(held)) ? name(held) : null;
  const rolled = new Map(was.flatMap((x) => [...x.querySelectorAll(".scroll")]).map((x) => [name(x), x.scrollTop]));
  const numbers = (all: Element[]) => all.flatMap((x) => [...x.querySelectorAll(".tiles li")]).map((x) => x.textContent?.trim()).join(", ");
  const told = numbers(now) === numbers(was) ? "" : `${mark.dataset.said}: ${numbers(now) || mark.dataset.none}`;
  for (const x of was) x.remove();
  mark.after(...now);
  for (const x of now) ready(x);
  const foot = page.querySelector("footer p"); // as of when it is
  if (foot) document.querySelector("footer p")?.replaceWith(foot);
  for (const x of document.querySelectorAll(".scroll")) x.scrollTop = rolled.get(name(x)) ?? 0;
  if (place !== null) {
    [...document.querySelectorAll<HTMLElement>("main a, main input, main [tabindex]")].find((x) => name(x) === place)?.focus({ preventScroll: true });
  }
  if (told) mark.textContent = told;
  return true;
}

// Without a network a form is not sent: what was typed stays on the page, and is
// sent when the network is back. Its idempotency key makes twice no harm.

export function offline(): void {
  const note = document.querySelector<HTMLElement>("[data-offline]");
  if (!note) return;
  const show = () => {
    note.hidden = navigator.onLine;
  };
  addEventListener("online", show);
  addEventListener("offline", show);
  document.addEventListener("submit", (e) => {
    if (navigator.onLine) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    show();
    note.scrollIntoView({ block: "nearest" });
  }, true);
  show();
}

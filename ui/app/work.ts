// Work whose progress moves: the page is asked again while something runs.

export function watch(): void {
  if (document.querySelector("[data-live]")) setTimeout(() => location.reload(), 1500);
}

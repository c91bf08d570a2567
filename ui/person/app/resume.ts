// An app on the home screen is not opened anew every morning: it comes to the
// front as it was left. What hangs on the hour is then told again, and what
// somebody has begun to fill in is left alone.

import { answers } from "./entry";
import { dim } from "./look";
import { home } from "./home";
import { now, today } from "./clock";
import { byId, dateOf } from "./words";

const fresh = 10 * 60 * 1000; // for so long a page is as good as new

export function resume(): void {
  let looked = now();
  const day = dateOf(today());
  const back = () => {
    dim();
    if (document.visibilityState !== "visible" || now() - looked < fresh) return;
    looked = now();
    const page = document.body.dataset.page;
    if (page === "home") {
      if (navigator.onLine) location.reload();
      else void home();
    } else if ((page === "form" || page === "saved" || page === "offline") && dateOf(today()) !== day && !begun()) location.replace("/me");
  };
  document.addEventListener("visibilitychange", back);
  addEventListener("pageshow", (e) => {
    if (e.persisted) back();
  });
  setInterval(dim, 60000);
}

// begun says whether somebody has begun to answer what stands on the page.
function begun(): boolean {
  const f = byId("answers") as HTMLFormElement | null;
  return f !== null && Object.keys(answers(f)).length > 0;
}

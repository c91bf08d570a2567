// Asks once whether the plan shall follow somebody into another time zone, where
// the clock there is another than by which she is reminded.

import { today } from "./clock";
import { zone } from "./entry";
import { byId, t } from "./words";

const refused = "dvala-stays"; // the zone for which she said no

const clockIn = (timeZone: string): string => new Intl.DateTimeFormat("en-GB", { timeZone, dateStyle: "short", timeStyle: "short" }).format(today());

export function moved(): void {
  const f = byId("moved") as HTMLFormElement | null;
  const here = zone();
  if (!f || !here || !navigator.onLine || here === f.dataset.zone) return;
  try {
    if (clockIn(here) === clockIn(f.dataset.zone!) || localStorage.getItem(refused) === here) return;
  } catch {
    return; // a zone that this browser does not know, or nowhere to keep her answer
  }
  f.querySelector<HTMLInputElement>('[name="zone"]')!.value = here;
  f.querySelector("p")!.textContent = t("moved", { place: here.split("/").pop()!.replace(/_/g, " ") });
  f.querySelector<HTMLButtonElement>('button[type="button"]')!.onclick = () => {
    localStorage.setItem(refused, here);
    f.hidden = true;
  };
  f.hidden = false;
}

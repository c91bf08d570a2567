// Runs before anything is painted: dark by the hour or by choice, so that nobody
// is met by a white page at night, also when the page was kept from the day.

import { dim } from "./look";

dim();
document.documentElement.classList.add("scripts");

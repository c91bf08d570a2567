// The one clock of the pages: the device's, or, in a trial of made-up people whose
// days are not today, the trial's, which is so and so far ahead of the wall's.
// The server tells the difference and not its time, so that a page kept for later
// is still right.

const ahead = Number(document.documentElement.dataset.ahead || 0);

export const now = (): number => Date.now() + ahead; // milliseconds

export const today = (): Date => new Date(now());


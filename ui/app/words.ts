// The few words that the scripts say, which the page brings in its own language.

export const word = (what: string): string => document.querySelector<HTMLElement>("[data-words]")?.dataset[what] ?? what;

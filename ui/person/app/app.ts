// The participant's pages, made better.

import { bar } from "./bar";
import { doubts, meant } from "./night";
import { form } from "./form";
import { home } from "./home";
import { hours, install, look, print, push, zones } from "./device";
import { lines } from "./vas";
import { moved } from "./moved";
import { resume } from "./resume";
import { sign } from "./sign";
import { watch } from "./queue";

async function start(): Promise<void> {
  if ("serviceWorker" in navigator && document.body.dataset.code) {
    void navigator.serviceWorker.register("/me/sw.js", { scope: "/me" });
    void navigator.storage?.persist?.();
  }
  lines();
  install();
  zones();
  hours();
  push();
  look();
  print();
  sign();
  watch();
  resume();
  moved();
  await home();
  await form();
  bar();
  document.documentElement.classList.add("ready");
}

// For the test that holds the second look against the server's.
(globalThis as Record<string, unknown>).dvala = { doubts, meant };

void start();

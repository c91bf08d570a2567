// Dark by the hour or by choice; else as the system has it.

import { today } from "./clock";

export function look(): string {
  try {
    return localStorage.getItem("dvala-look") || "auto";
  } catch {
    return "auto"; // storage may be switched off; then the hour decides
  }
}

export function dim(): void {
  const hour = today().getHours();
  document.documentElement.classList.toggle("dark", look() === "dark" || hour >= 20 || hour < 9);
}

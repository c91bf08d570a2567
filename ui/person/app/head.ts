// Runs before anything is painted: dark by the hour or by choice, so that nobody
// is met by a white page at night, also when the page was kept from the day.

const root = document.documentElement;
const hour = new Date().getHours();
let look = "auto";
try {
  look = localStorage.getItem("dvala-look") || "auto";
} catch {
  // storage may be switched off; then the hour decides
}
root.classList.toggle("dark", look === "dark" || hour >= 20 || hour < 9);
root.classList.add("scripts");

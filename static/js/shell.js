// What every page needs: theme switch, menus that close, passwords that show themselves; the rest by module.
import "./copy.js";
import "./keys.js";
import "./times.js";
import "./toast.js";
import { remember } from "./cookies.js";

const root = document.documentElement;

function switchTheme() {
  root.dataset.themeChosen = "yes";
  root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
  remember("wihy_theme", root.dataset.bsTheme);
}

function reveal(button) {
  const field = document.getElementById(button.dataset.reveal);
  const shown = field.type === "password";
  field.type = shown ? "text" : "password";
  button.dataset.on = shown ? "yes" : "no";
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  closeMenus(event.target.closest("[data-menu]"));
  const button = event.target.closest("[data-theme-switch], [data-reveal], [data-print]");
  if (!button) return;
  if ("themeSwitch" in button.dataset) switchTheme();
  else if ("print" in button.dataset) window.print();
  else reveal(button);
});

// The last day is not before the first: browsers say so themselves where they know the bound.
document.addEventListener("input", (event) => {
  const days = event.target.closest("[data-days]")?.elements;
  if (days) days.to.min = days.from.value || days.from.min;
});

document.addEventListener("focusin", (event) => closeMenus(event.target.closest("[data-menu]")));

// Before the page's own Esc: the first press only closes what is open.
document.addEventListener(
  "keydown",
  (event) => {
    const open = document.querySelector("[data-menu][open]");
    if (event.key !== "Escape" || !open) return;
    event.stopImmediatePropagation();
    open.open = false;
    open.querySelector("summary").focus();
  },
  true,
);

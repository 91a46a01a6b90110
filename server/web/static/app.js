// Comfort on top of pages that work without it: chosen file names in the page's language, times that move on.
"use strict";

function showPickedFiles(input) {
  const names = Array.from(input.files, (file) => file.name);
  const shown = input.form.querySelector("[data-picked]");
  shown.classList.toggle("nothing", !names.length);
  shown.textContent = names.length ? names.join(", ") : shown.dataset.none;
}

function dressFileInputs() {
  for (const input of document.querySelectorAll("input[type=file][data-dress]")) {
    input.classList.add("unseen");
    input.form.querySelectorAll("[hidden]").forEach((element) => { element.hidden = false; });
    input.addEventListener("change", () => showPickedFiles(input));
    showPickedFiles(input);
  }
}

// The server's clock counts, so what the visitor's clock is off by is taken away.
const page = document.documentElement.dataset;
const clockOffset = Date.parse(page.now) - Date.now();
const units = (page.units || "").split("|");

function inWords(seconds) {
  const amounts = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  let first = amounts.findIndex((amount) => amount > 0);
  if (first < 0) first = 3;
  const last = Math.min(first + 2, first < 3 ? 3 : 4);
  const said = [];
  for (let place = first; place < last; place += 1) {
    if (amounts[place] || place === first) said.push(amounts[place] + units[place]);
  }
  return said.join(" ");
}

function moveTimesOn() {
  const now = Date.now() + clockOffset;
  for (const element of document.querySelectorAll("[data-relative]")) {
    const seconds = Math.floor((Date.parse(element.dataset.relative) - now) / 1000);
    const form = seconds >= 0 ? element.dataset.ahead : element.dataset.past;
    element.textContent = form.replace("{}", inWords(Math.abs(seconds)));
  }
}

function closeMenus(event) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target) || event.key === "Escape") menu.open = false;
  }
}

// Said to screen readers by an element that stays while the rest is replaced.
function announceState() {
  const state = document.getElementById("state");
  const announcement = document.getElementById("announcement");
  if (state && announcement && announcement.textContent !== state.textContent.trim()) announcement.textContent = state.textContent.trim();
}

// One click, one upload; going back to the page makes the button usable again.
function sendOnce(event) {
  if (!event.target.matches("form[data-once]")) return;
  const pressed = event.submitter && !event.submitter.name ? event.submitter : null;  // a disabled one would not send its value
  (pressed || event.target.querySelector("button")).disabled = true;
}
function sendAgain() {
  document.querySelectorAll("form[data-once] button").forEach((button) => { button.disabled = false; });
}

// A live page is drawn again after every check: what the reader opened or closed stays so.
const opened = new Map();
document.addEventListener("htmx:beforeSwap", () => {
  document.querySelectorAll("details[id]").forEach((details) => { opened.set(details.id, details.open); });
});
document.addEventListener("htmx:afterSwap", () => {
  opened.forEach((open, id) => {
    const details = document.getElementById(id);
    if (details) details.open = open;
  });
  moveTimesOn();
  announceState();
});
document.addEventListener("submit", sendOnce);
window.addEventListener("pageshow", sendAgain);
document.addEventListener("click", closeMenus);
document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeMenus(event); });
dressFileInputs();
if (page.now) setInterval(moveTimesOn, 1000);

// A board that is drawn again: rows that moved slide to their new place. On a wall it also scrolls by itself and shows the time.
"use strict";

const quiet = matchMedia("(prefers-reduced-motion: reduce)");
const SLIDE_MS = 120;
const places = new Map();

function isBoard(event) {
  return event.detail.target && event.detail.target.id === "live";
}

// First, last, invert, play: an own row that sticks to the edge has not moved, so that what is measured is what is seen.
document.addEventListener("htmx:beforeSwap", (event) => {
  places.clear();
  if (isBoard(event)) document.querySelectorAll(".board tr[id]").forEach((row) => places.set(row.id, row.getBoundingClientRect().top));
});
document.addEventListener("htmx:afterSwap", () => {
  if (quiet.matches) return;
  for (const [id, before] of places) {
    const row = document.getElementById(id);
    const way = row ? before - row.getBoundingClientRect().top : 0;
    if (way) row.animate([{ transform: `translateY(${way}px)` }, { transform: "none" }], { duration: SLIDE_MS, easing: "ease-out" });
  }
  places.clear();
});

const clock = document.querySelector("[data-clock]");
if (clock) {
  const language = document.documentElement.lang;
  const told = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: clock.dataset.clock });
  const tick = () => { clock.textContent = told.format(Date.now() + clockOffset); };
  tick();
  setInterval(tick, 1000);
}

const PIXELS_A_SECOND = 40;
const REST_MS = 4000; // at both ends
const PAGE_MS = 10000; // one screen after the other, where nothing may move
const HANDS_OFF_MS = 20000; // after somebody has scrolled

let restUntil = performance.now() + REST_MS;
let last = performance.now();
let there = 0;

function atTheEnd() {
  return window.scrollY + window.innerHeight >= document.documentElement.scrollHeight - 1;
}

function drift(now) {
  if (now > restUntil && !quiet.matches) {
    there = Math.abs(there - window.scrollY) > 2 ? window.scrollY : there;
    there += (Math.min(now - last, 100) / 1000) * PIXELS_A_SECOND;
    window.scrollTo(0, there);
    if (atTheEnd()) {
      restUntil = now + 2 * REST_MS;
      setTimeout(() => { window.scrollTo(0, 0); there = 0; }, REST_MS);
    }
  }
  last = now;
  requestAnimationFrame(drift);
}

function turnPage() {
  if (!quiet.matches || performance.now() < restUntil) return;
  window.scrollTo(0, atTheEnd() ? 0 : window.scrollY + window.innerHeight * 0.8);
}

if (document.documentElement.classList.contains("display")) {
  for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) {
    addEventListener(kind, () => { restUntil = performance.now() + HANDS_OFF_MS; }, { passive: true });
  }
  requestAnimationFrame(drift);
  setInterval(turnPage, PAGE_MS);
}

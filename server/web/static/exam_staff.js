// The wall of an exam: clocks that go on between two readings of the page, by the server's time.
"use strict";

function asClock(seconds) {
  const left = Math.max(0, Math.ceil(seconds));
  const parts = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

function moveClocksOn() {
  const now = Date.now() + clockOffset;
  for (const element of document.querySelectorAll("[data-clock-until]")) {
    element.textContent = asClock((Date.parse(element.dataset.clockUntil) - now) / 1000);
  }
  for (const element of document.querySelectorAll("[data-clock-now]")) {
    const options = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: element.dataset.zone };
    element.textContent = new Intl.DateTimeFormat("en-GB", options).format(now);
  }
}

document.addEventListener("htmx:afterSwap", moveClocksOn);
moveClocksOn();
setInterval(moveClocksOn, 250);

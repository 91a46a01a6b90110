// What is left of the time, by the server's clock; said at 15, 5 and 1 minute, and again where time was given.
"use strict";

const WARN_AT_S = [900, 300, 60];
const HURRY_AT_S = [10, 4, 1.5]; // what stands there is sent now, whatever the pause in typing

class Timer {
  // told: { warn(minutes), hurry(), over() }
  constructor(told) {
    this.told = told;
    this.endsAt = null;
    this.isOver = false;
    this.last = Infinity; // seconds left when it was last looked at
    this.shown = document.getElementById("time-left");
  }

  get leftMs() { return this.endsAt - serverClock.now(); }

  // The server computes the end anew each time; a later one sets the warnings again.
  setEnd(endsAt) {
    const end = Date.parse(endsAt);
    if (end === this.endsAt) return;
    this.endsAt = end;
    this.last = Math.max(this.last === Infinity ? 0 : this.last, this.leftMs / 1000);
    if (this.leftMs > 0) this.isOver = false;
    document.getElementById("time-end").textContent = say("until", { at: atTime(end) });
    document.getElementById("timer").hidden = false;
    this.tick();
  }

  start() { setInterval(() => this.tick(), 250); }

  tick() {
    if (this.endsAt === null) return;
    const left = this.leftMs / 1000;
    const text = countdown(this.leftMs);
    if (this.shown.textContent !== text) this.shown.textContent = text;
    this.shown.parentElement.dataset.look = left <= 60 ? "last" : left <= 300 ? "late" : left <= 900 ? "soon" : "";
    const passed = (marks) => marks.filter((mark) => left <= mark && this.last > mark);
    const warnings = passed(WARN_AT_S);
    if (warnings.length && left > 0) this.told.warn(Math.ceil(Math.min(...warnings) / 60));
    if (passed(HURRY_AT_S).length) this.told.hurry();
    this.last = left;
    if (left <= 0 && !this.isOver) {
      this.isOver = true;
      this.told.over();
    }
  }
}

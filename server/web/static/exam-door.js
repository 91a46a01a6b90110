// The door of an exam: what is left until it opens, whether this browser is fit for it, and the way in.
"use strict";

const door = document.getElementById("door");
const TRIES = 3;
const SLOW_MS = 1500;
const WRONG_CLOCK_S = 90;

function tickDoor() {
  const until = door.dataset.until;
  const shown = document.getElementById("countdown");
  if (!until || !shown) return;
  const left = Date.parse(until) - serverClock.now();
  shown.textContent = left > 86400000 ? span(left / 1000) : countdown(left);
  if (left <= 0 && !door.dataset.reloading) {
    door.dataset.reloading = "yes";
    setTimeout(() => location.reload(), 500 + Math.random() * 2500); // a whole class waits for the same second
  }
}

// Of somebody who started now; once less is left than the working time, each second is one less.
function tickWorking() {
  const shown = document.getElementById("working-left");
  if (!shown) return;
  const { working, granted, closes } = shown.dataset;
  const untilClose = (Date.parse(closes) - serverClock.now()) / 1000;
  shown.textContent = span(Math.max(0, Math.min(Number(working), untilClose)) + Number(granted));
}

function tell(name, look, sentence) {
  const row = document.querySelector(`[data-check="${name}"]`);
  if (!row) return;
  row.dataset.look = look;
  row.querySelector("[data-word]").textContent = sentence;
}

function checkStorage() {
  try {
    localStorage.setItem("gradus.probe", "1");
    const works = localStorage.getItem("gradus.probe") === "1";
    localStorage.removeItem("gradus.probe");
    tell("storage", works ? "passed" : "failed", words[works ? "storage_works" : "storage_fails"]);
  } catch {
    tell("storage", "failed", words.storage_fails);
  }
}

async function checkConnection() {
  const trips = [];
  try {
    for (let turn = 0; turn < TRIES; turn += 1) {
      const sentAt = performance.now();
      const { status } = await ask("GET", door.dataset.api);
      if (status !== 200) throw new Trouble(status);
      trips.push(performance.now() - sentAt);
    }
  } catch {
    tell("connection", "failed", words.connection_fails);
    setTimeout(checkConnection, 5000);
    return;
  }
  const trip = Math.round(trips.sort((one, other) => one - other)[1]);
  tell("connection", trip > SLOW_MS ? "partly" : "passed", say("connection_works", { ms: trip }));
  checkClock();
}

function checkClock() {
  const off = Math.round((Date.now() - serverClock.now()) / 1000);
  const key = Math.abs(off) < WRONG_CLOCK_S ? "clock_right" : off > 0 ? "clock_fast" : "clock_slow";
  tell("clock", "passed", say(key, { span: span(Math.abs(off)) }));
}

async function enterRoom(event) {
  event.preventDefault();
  const form = event.target;
  const button = form.querySelector("button");
  const problem = document.getElementById("door-problem");
  button.disabled = true;
  problem.hidden = true;
  try {
    const box = form.querySelector("[name=accepts_honour]");
    const { status, body } = await ask("POST", `${door.dataset.api}/start`, { json: { accepts_honour: box ? box.checked : true } });
    if (status === 201 || status === 200) {
      sessionStorage.setItem(door.dataset.key, body.place.key);
      location.assign(form.action);
      return;
    }
    problem.textContent = inTongue(body.message) || words.not_started;
  } catch {
    problem.textContent = words.not_started;
  }
  problem.hidden = false;
  button.disabled = false;
}

function openDoor() {
  for (const element of document.querySelectorAll("[data-needs-scripts]")) element.hidden = false;
  if (document.querySelector("[data-check]")) {
    tell("scripts", "passed", words.scripts_work);
    checkStorage();
    checkConnection();
  }
  const form = document.getElementById("start");
  if (form) {
    form.querySelector("button").disabled = false;
    form.addEventListener("submit", enterRoom);
  }
  tickDoor();
  tickWorking();
  setInterval(() => { tickDoor(); tickWorking(); }, 500);
}

openDoor();

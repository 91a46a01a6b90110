// The server's clock, carried on by one that nobody can set; times as words; and asking the server.
"use strict";

const PATIENCE_MS = 15000;
const TRUSTED_MS = 60000; // how long a measurement by a quick answer is better than a newer one by a slow answer
const JUMP_MS = 2000;

const facts = { ...document.documentElement.dataset, ...(document.getElementById("door") || { dataset: {} }).dataset };

// performance.now() goes on evenly whatever the visitor does to the computer's clock.
const serverClock = {
  offset: Date.parse(facts.now) - performance.now(),
  trip: Infinity, // of the answer by which it was measured, in ms
  measuredAt: -Infinity,
  now() { return performance.now() + this.offset; },
  // At half of the way there and back the server has looked at its clock; it is off by half of that way at most.
  learn(serverNow, sentAt, gotAt) {
    const trip = gotAt - sentAt;
    const offset = Date.parse(serverNow) - (sentAt + gotAt) / 2;
    const isContradicted = Math.abs(offset - this.offset) > (trip + this.trip) / 2;
    const isOld = gotAt - this.measuredAt > TRUSTED_MS;
    if (trip > this.trip && !isContradicted && !isOld) return;
    Object.assign(this, { offset, trip, measuredAt: gotAt });
  },
};

// A computer that slept, or whose clock was set: what is shown is measured anew at once.
function onJump(measure) {
  let between = Date.now() - performance.now();
  setInterval(() => {
    const before = between;
    between = Date.now() - performance.now();
    if (Math.abs(between - before) > JUMP_MS) measure();
  }, 1000);
}

class Trouble extends Error {} // no answer, or one that says that the server cannot answer now

// An answer of whatever status below 500, as { status, body }. Raises Trouble.
async function ask(method, address, { json, keepalive = false, headers = {} } = {}) {
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(), PATIENCE_MS);
  const sentAt = performance.now();
  const own = { "Accept": "application/json, text/html", "X-CSRF-Token": facts.csrf, ...headers };
  if (json !== undefined) own["Content-Type"] = "application/json";
  try {
    const answer = await fetch(address, {
      method, headers: own, body: json === undefined ? undefined : JSON.stringify(json), keepalive, signal: ending.signal, cache: "no-store",
    });
    if (answer.status >= 500 || answer.status === 429 && !(answer.headers.get("content-type") || "").includes("problem")) throw new Trouble(`${answer.status}`);
    const gotAt = performance.now();
    const isJson = (answer.headers.get("content-type") || "").includes("json");
    const body = isJson ? await answer.json() : await answer.text();
    if (isJson && body && body.now) serverClock.learn(body.now, sentAt, gotAt);
    return { status: answer.status, body };
  } catch (error) {
    throw error instanceof Trouble ? error : new Trouble(String(error));
  } finally {
    clearTimeout(timer);
  }
}

const words = JSON.parse(document.getElementById("words").textContent);
const tongue = document.documentElement.lang.startsWith("zh") ? "zh" : "en";

// A sentence of the page with its {places} filled.
function say(key, values = {}) {
  return words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function inTongue(text) {
  return typeof text === "string" ? text : text ? text[tongue] || text.en : "";
}

// A sentence whose `names` stand in code type, as pages have it.
function showSaid(element, sentence) {
  const code = (name) => Object.assign(document.createElement("code"), { textContent: name });
  element.replaceChildren(...sentence.split(/`([^`]+)`/).map((part, place) => (place % 2 ? code(part) : part)));
  return element;
}

const timeOfDay = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: facts.zone,
});

// 14:03:05, where the course is.
function atTime(moment) {
  return timeOfDay.format(typeof moment === "string" ? Date.parse(moment) : moment);
}

// 1:02:03 or 12:03: what is left, in whole seconds that have not begun to run out.
function countdown(ms) {
  const left = Math.max(0, Math.ceil(ms / 1000));
  const two = (n) => String(n).padStart(2, "0");
  const [hours, minutes, seconds] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${two(minutes)}:${two(seconds)}`;
}

// "2 h 30 min", "40 s": the two largest units, in the page's words.
function span(seconds) {
  const units = facts.units.split("|");
  const amounts = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  const first = Math.max(0, amounts.findIndex((amount) => amount > 0));
  const shown = amounts.map((amount, place) => (amount && place >= first && place < first + 2 ? amount + units[place] : "")).filter(Boolean);
  return shown.join(" ") || `0${units[3]}`;
}

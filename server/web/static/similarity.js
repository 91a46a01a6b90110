// Similar works by keyboard: through the table, through a pair's matches, one decision after the other. All of it also works as plain forms.
"use strict";

for (const slider of document.querySelectorAll("input[type=range]")) {
  const shown = document.querySelector(`output[for="${slider.id}"]`);
  slider.addEventListener("input", () => { shown.value = Number(slider.value).toFixed(2); });
}

function isTyping(event) {
  return event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=radio]), textarea, select, dialog[open]");
}

// The table: j and k walk through the pairs.
const links = [...document.querySelectorAll(".pairs tbody tr td:first-child a")];
function walk(step) {
  const place = links.indexOf(document.activeElement);
  const link = links[place < 0 ? 0 : Math.min(Math.max(place + step, 0), links.length - 1)];
  if (link) link.focus();
}

// One pair.
const pair = document.getElementById("pair");
const sides = document.querySelector(".sides");
const panes = [...document.querySelectorAll(".pane .text")];
const anchors = sides ? JSON.parse(sides.dataset.anchors) : [];
const passages = [...document.querySelectorAll("#passages [data-passage]")].map((each) => JSON.parse(each.dataset.passage));
const told = document.getElementById("told");
const A_THIRD = 3; // of a pane lies above the line that both sides share
let shown = [[], []]; // the lines in sight of each side
let driver = -1; // the pane that the reader moves
let together = true;
let passage = -1;
const last = [0, 0]; // the row in sight of each side, also while only the other one is shown

function rowOf(line) {
  return Number(line.id.split("-")[1]);
}

function lookWhatIsShown() {
  shown = panes.map((pane) => [...pane.querySelectorAll("li[id]")].filter((line) => line.offsetParent !== null));
}

// By bisection, since a work may have thousands of lines.
function firstWhere(lines, isThere) {
  let low = 0, high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isThere(lines[middle])) high = middle; else low = middle + 1;
  }
  return lines[Math.min(low, lines.length - 1)];
}

function rowInSight(side) {
  const line = panes[side].scrollTop + panes[side].clientHeight / A_THIRD;
  const found = firstWhere(shown[side], (each) => each.offsetTop + each.offsetHeight > line);
  return found ? rowOf(found) : 0;
}

function bring(side, row) {
  const found = firstWhere(shown[side], (each) => rowOf(each) >= row);
  if (found) panes[side].scrollTop = found.offsetTop - panes[side].clientHeight / A_THIRD;
}

// Where a row stands on the other side: inside a match in proportion, else as far from the nearest one.
function counterpart(row, side) {
  let nearest = null, nearestDistance = Infinity;
  for (const anchor of anchors) {
    const [first, last, there, thereLast] = side === 0 ? anchor : [anchor[2], anchor[3], anchor[0], anchor[1]];
    if (first <= row && row <= last) return there + Math.round(((row - first) * (thereLast - there)) / Math.max(last - first, 1));
    const distance = row < first ? first - row : row - last;
    if (distance < nearestDistance) [nearest, nearestDistance] = [row < first ? there - distance : thereLast + distance, distance];
  }
  return nearest === null ? row : Math.max(nearest, 0);
}

function follow(side) {
  if (shown[side].length) last[side] = rowInSight(side);
  if (together && side === driver) bring(1 - side, counterpart(rowInSight(side), side));
}

// On a small screen one side takes the place of the other, at what answers it.
function showSide(side) {
  lookWhatIsShown();
  driver = side;
  if (together) bring(side, counterpart(last[1 - side], 1 - side));
}

function numberOf(side, row) {
  const line = document.getElementById(`${side ? "right" : "left"}-${row}`);
  return line ? line.querySelector("b").textContent : row + 1;
}

function jump(rows) {
  driver = -1;
  for (const line of document.querySelectorAll(".code .here")) line.classList.remove("here");
  for (const side of [0, 1]) {
    bring(side, rows[2 * side]);
    last[side] = rows[2 * side];
    for (let row = rows[2 * side]; row <= rows[2 * side + 1]; row += 1) {
      const line = document.getElementById(`${side ? "right" : "left"}-${row}`);
      if (line) line.classList.add("here");
    }
  }
  sides.scrollIntoView({ block: "nearest" });
  const pane = panes.find((each) => each.offsetParent !== null);
  if (pane) pane.focus({ preventScroll: true });
  told.textContent = told.dataset.told.replace("{}", numberOf(0, rows[0])).replace("{}", numberOf(1, rows[2]));
}

function nextPassage(step) {
  if (!passages.length) return;
  passage = (passage + step + passages.length + (passage < 0 && step < 0 ? 1 : 0)) % passages.length;
  jump(passages[passage]);
}

// Choices of how the code is shown stay for this tab.
function remember(name, isOn) {
  sessionStorage.setItem(`similarity.${name}`, isOn ? "1" : "0");
}
function press(name, isOn) {
  document.querySelector(`[data-do=${name}]`).setAttribute("aria-pressed", String(isOn));
}
function hideTemplate(isHidden) {
  const row = rowInSight(0);
  sides.classList.toggle("without-template", isHidden);
  press("template", isHidden);
  remember("template", isHidden);
  lookWhatIsShown();
  bring(0, row);
  bring(1, counterpart(row, 0));
}
function scrollTogether(isOn) {
  together = isOn;
  press("sync", isOn);
  remember("sync", isOn);
}

// Decisions. One that cannot be sent is kept in this tab and sent again until it is saved.
const KEPT = "similarity.decision";
const AGAIN_MS = 3000;
const PATIENCE_MS = 15000;
const keeping = document.getElementById("keeping");
let isSending = false;

function keptDecision() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null");
  return kept && kept.me === pair.dataset.me ? kept : null;
}

function say(what) {
  keeping.hidden = !what;
  keeping.textContent = what ? keeping.dataset[what] : "";
}

function decide(form, opinion) {
  const note = form.elements.note ? form.elements.note.value : "";
  sessionStorage.setItem(KEPT, JSON.stringify({ me: pair.dataset.me, action: form.action, opinion, note }));
  sendKept();
}

async function sendKept() {
  const kept = keptDecision();
  if (!kept || isSending) return;
  isSending = true;
  if (keeping.hidden) say("saving");
  const body = new URLSearchParams({ csrf_token: pair.querySelector("[name=csrf_token]").value, opinion: kept.opinion, note: kept.note });
  try {
    const answer = await fetch(kept.action, { method: "POST", body, headers: { accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.status >= 500) throw new Error(String(answer.status));
    const wanted = keptDecision();
    if (wanted && (wanted.opinion !== kept.opinion || wanted.note !== kept.note)) return; // changed while it was on its way: the next turn sends it
    sessionStorage.removeItem(KEPT);
    if (answer.ok) location.assign((await answer.json()).next);
    else say("refused");
  } catch {
    say("kept");
  } finally {
    isSending = false;
  }
}

function undo() {
  const button = document.querySelector("[data-undo] button") || document.getElementById("take-back");
  if (button) decide(button.form, "");
}

function openPair(id) {
  if (!id) return;
  const asked = new URLSearchParams(location.search);
  asked.delete("saved");
  location.assign(asked.size ? `${id}?${asked}` : id);
}

const KEYS = {
  1: () => decide(document.getElementById("decide"), "nothing"),
  2: () => decide(document.getElementById("decide"), "unsure"),
  3: () => document.getElementById("open-case").click(),
  u: undo,
  j: () => openPair(pair.dataset.next),
  k: () => openPair(pair.dataset.previous),
  n: () => nextPassage(1),
  p: () => nextPassage(-1),
  t: () => hideTemplate(!sides.classList.contains("without-template")),
  s: () => scrollTogether(!together),
  m: () => document.getElementById("note").focus(),
  "?": () => document.getElementById("keys").showModal(),
};
const ACTIONS = { "previous-match": KEYS.p, "next-match": KEYS.n, template: KEYS.t, sync: KEYS.s };

if (links.length) {
  document.addEventListener("keydown", (event) => {
    if (isTyping(event) || !["j", "k"].includes(event.key)) return;
    event.preventDefault();
    walk(event.key === "j" ? 1 : -1);
  });
}

if (pair) {
  document.querySelectorAll(".tools-of-code, [data-keys]").forEach((element) => { element.hidden = false; });
  lookWhatIsShown();
  window.addEventListener("resize", lookWhatIsShown);
  panes.forEach((pane, side) => {
    for (const kind of ["wheel", "pointerdown", "touchstart", "keydown", "focus"]) pane.addEventListener(kind, () => { driver = side; }, { passive: true });
    pane.addEventListener("scroll", () => follow(side), { passive: true });
  });
  document.querySelectorAll(".which input").forEach((input, side) => input.addEventListener("change", () => showSide(side)));
  if (sessionStorage.getItem("similarity.template") === "1") hideTemplate(true);
  if (sessionStorage.getItem("similarity.sync") === "0") scrollTogether(false);

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-jump]");
    const tool = event.target.closest("[data-do]");
    if (event.target.closest("[data-keys]")) KEYS["?"]();
    if (tool) ACTIONS[tool.dataset.do]();
    if (link) {
      event.preventDefault();
      jump(JSON.parse(link.dataset.jump));
    }
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("#decide, [data-undo]")) return;
    event.preventDefault();
    decide(event.target, event.submitter ? event.submitter.value : "unsure");
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.id === "note" && ["Escape", "Enter"].includes(event.key)) {
      event.preventDefault(); // Enter ends the note and decides nothing
      event.target.blur();
      return;
    }
    if (isTyping(event) || !Object.hasOwn(KEYS, event.key)) return;
    event.preventDefault();
    KEYS[event.key]();
  });
  window.addEventListener("online", sendKept);
  window.addEventListener("beforeunload", (event) => { if (keptDecision()) event.preventDefault(); });
  setInterval(sendKept, AGAIN_MS);
  sendKept();
  const note = document.querySelector(".saved .notice");
  if (note) note.focus();
}

// Running the public checks on what is saved, and what came of the last run.
"use strict";

const ENDED = new Set(["graded", "needs_staff", "cancelled", "ungradable"]);
const LOOKS = { passed: "passed", skipped: "skipped" };
const asLook = (outcome) => (outcome === null ? "ahead" : LOOKS[outcome] || "failed");
const LOOK_MS = 1500;

function stateOf(run, isOver, results, fault) {
  if (!isOver) return run.state === "running" ? "checks_running" : "checks_waiting";
  if (results.length) return "checks_done";
  return fault ? "checks_unloaded" : "checks_nothing";
}

class Checks {
  constructor(box, { api, saver, refused }) {
    Object.assign(this, { box, api, saver, refused });
    this.button = box.querySelector("[data-run]");
    this.isLocked = false;
    this.isRunning = false;
    this.fetched = null; // attempt whose results stand there in full
    this.button.addEventListener("click", () => this.run());
  }

  part(name) { return this.box.querySelector(`[data-${name}]`); }

  async run() {
    this.button.disabled = true;
    this.part("run-problem").hidden = true;
    try {
      await this.saver.settled();
      const answer = await ask("POST", `${this.api}/checks`, { headers: { "X-Exam-Place": this.saver.key } });
      if (answer.status === 202) this.showRun(answer.body);
      else if (["another_place", "time_is_over", "already_handed_in"].includes(answer.body.code)) this.refused(answer);
      else this.complain(inTongue(answer.body.message));
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      this.complain(words.checks_fail);
    }
    this.allow();
  }

  complain(sentence) {
    const problem = this.part("run-problem");
    showSaid(problem, sentence);
    problem.hidden = false;
  }

  allow() { this.button.disabled = this.isLocked || this.isRunning || this.isUsedUp; }

  // As the clock tells it every few seconds.
  show({ used, limit, newest }) {
    this.isUsedUp = used >= limit;
    this.part("used").textContent = say(this.isUsedUp ? "checks_used_up" : "checks_used", { used, limit });
    if (newest) this.showRun(newest);
    else this.allow();
  }

  showRun(run) {
    const isOver = ENDED.has(run.state);
    this.isRunning = !isOver;
    this.allow();
    clearTimeout(this.timer);
    if (!isOver) this.timer = setTimeout(() => this.look(), LOOK_MS);
    const seen = JSON.stringify(run);
    if (seen === this.seen) return;
    this.seen = seen;
    const results = run.checks || [];
    const passed = results.filter((each) => each.outcome === "passed").length;
    const fault = inTongue(run.fault); // why the code could not be loaded at all
    this.part("run-state").textContent = say(stateOf(run, isOver, results, fault), { n: run.attempt, passed, all: results.length });
    this.part("results").replaceChildren(...results.map((each) => this.row(each)));
    this.part("run-problem").hidden = true;
    if (fault) this.complain(run.line ? say("at_line", { n: run.line, what: fault }) : fault);
  }

  async look() {
    try {
      const { status, body } = await ask("GET", `${this.api}/checks`, { headers: { "X-Exam-Place": this.saver.key } });
      if (status === 200 && body) this.showRun(body);
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      this.timer = setTimeout(() => this.look(), 2 * LOOK_MS);
    }
  }

  row(result) {
    const look = asLook(result.outcome);
    const row = document.createElement("li");
    row.dataset.look = look;
    const title = document.createElement("b");
    title.textContent = inTongue(result.title);
    const word = document.createElement("span");
    word.className = "small word";
    word.textContent = words[`check_${look}`];
    row.append(title, word);
    for (const text of [result.message, result.hint].filter(Boolean)) {
      row.append(showSaid(Object.assign(document.createElement("p"), { className: "small" }), inTongue(text)));
    }
    return row;
  }
}

// Running the public checks on what is saved, and what came of the last run.
"use strict";

const ENDED = new Set(["graded", "needs_staff", "cancelled", "ungradable"]);
const LOOKS = { passed: "passed", skipped: "skipped" };

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
    problem.textContent = sentence;
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
    const results = run.checks || [];
    const passed = results.filter((each) => each.outcome === "passed").length;
    const key = !isOver ? (run.state === "running" ? "checks_running" : "checks_waiting") : results.length ? "checks_done" : "checks_nothing";
    this.part("run-state").textContent = say(key, { n: run.attempt, passed, all: results.length });
    const seen = JSON.stringify(run);
    if (seen === this.seen) return;
    this.seen = seen;
    this.part("results").replaceChildren(...results.map((each) => this.row(each)));
    if (!isOver) setTimeout(() => this.look(), 1000);
  }

  async look() {
    try {
      const { status, body } = await ask("GET", `${this.api}/checks`, { headers: { "X-Exam-Place": this.saver.key } });
      if (status !== 200 || !body) return;
      this.seen = ENDED.has(body.state) ? this.seen : null;
      this.showRun(body);
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      setTimeout(() => this.look(), 3000);
    }
  }

  row(result) {
    const look = result.outcome === null ? "ahead" : LOOKS[result.outcome] || (result.points > 0 ? "partly" : "failed");
    const row = document.createElement("li");
    row.dataset.look = look;
    const title = document.createElement("b");
    title.textContent = inTongue(result.title);
    const word = document.createElement("span");
    word.className = "small word";
    word.textContent = words[`check_${look}`];
    row.append(title, word);
    const message = inTongue(result.message) || inTongue(result.mistake && result.mistake.message);
    if (message) {
      const line = document.createElement("p");
      line.className = "small";
      line.textContent = message;
      row.append(line);
    }
    return row;
  }
}

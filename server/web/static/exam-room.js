// The room: gets a place for this tab, brings the paper, keeps time and connection in sight, and hands in.
"use strict";

const POLL_MS = 5000;
const OVER_POLL_MS = 1000;
const CLOCK_MS = 60000; // while the answers to saves tell the time, the clock is asked this often: a class halves its requests
const TAKEN_MS = 200; // how long another tab of this browser has to say that it is the one
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const byId = (id) => document.getElementById(id);

class Room {
  constructor(element) {
    const { api, questions, door, key, copies } = element.dataset;
    Object.assign(this, { element, api, door, questionsAt: questions, keyName: key, copies: new LocalCopies(copies) });
    this.key = null;
    this.saver = null;
    this.leaves = [];
    this.isFinishing = false;
    this.missed = 0; // fields that the server has kept beside the paper
    this.grants = null; // how many of them have been told
    this.lookedAt = this.toldAt = -Infinity; // when the clock was asked, and when the answer to a save told the end
    this.channel = "BroadcastChannel" in window ? new BroadcastChannel(copies) : null;
    this.connection = new Connection(this.copies);
    this.notices = new Notices(`${copies}|read`);
    this.timer = new Timer({ warn: (n) => this.warn(n), hurry: () => this.saver && this.saver.send(), over: () => this.end() });
  }

  async open() {
    if (this.channel) this.channel.addEventListener("message", (event) => this.hear(event.data));
    element("[data-enter]", (button) => button.addEventListener("click", () => this.enter()));
    this.show("loading");
    const known = sessionStorage.getItem(this.keyName);
    if (known && !(await this.isTaken(known))) this.key = known;
    await this.insist(() => (this.key ? this.look() : this.enter()));
    this.timer.start();
    onJump(() => this.look());
    window.addEventListener("online", () => { this.look(); if (this.saver) this.saver.send(); });
    window.addEventListener("offline", () => this.connection.set(false));
    this.poll();
  }

  // Again until the server answers.
  async insist(step) {
    for (let turn = 0; ; turn += 1) {
      try {
        return await step();
      } catch (error) {
        if (!(error instanceof Trouble)) throw error;
        this.connection.set(false);
        await pause(RETRY_MS[Math.min(turn, RETRY_MS.length - 1)]);
      }
    }
  }

  // A tab that was duplicated has its twin's key as well.
  async isTaken(key) {
    if (!this.channel) return false;
    let isTaken = false;
    const hear = (event) => { isTaken = isTaken || event.data.taken === key; };
    this.channel.addEventListener("message", hear);
    this.channel.postMessage({ who: key });
    await pause(TAKEN_MS);
    this.channel.removeEventListener("message", hear);
    return isTaken;
  }

  hear(message) {
    if (message.who && message.who === this.key) this.channel.postMessage({ taken: this.key });
    if (message.moved && this.key && message.moved !== this.key) this.look().catch(() => {});
  }

  async ask(method, path, more = {}) {
    const answer = await ask(method, path, { ...more, headers: { "X-Exam-Place": this.key || "" } });
    this.connection.set(true);
    return answer;
  }

  async enter() {
    const { status, body } = await this.insist(() => this.ask("POST", `${this.api}/place`));
    if (status !== 201) return this.refused({ status, body });
    this.key = body.key;
    sessionStorage.setItem(this.keyName, body.key);
    if (this.channel) this.channel.postMessage({ moved: body.key });
    return this.stand(body.state);
  }

  async poll() {
    for (;;) {
      await pause(this.timer.isOver && !this.isFinished ? OVER_POLL_MS : POLL_MS);
      if (this.isFinished) return;
      if (this.isTold) continue;
      await this.look().catch((error) => {
        if (!(error instanceof Trouble)) throw error;
        this.connection.set(false);
      });
    }
  }

  // Whether saves have told the time meanwhile, and no run of the checks is waited for.
  get isTold() {
    const now = performance.now();
    const isWaiting = this.timer.isOver || (this.checks && this.checks.isRunning);
    return !isWaiting && now - this.toldAt < POLL_MS && now - this.lookedAt < CLOCK_MS;
  }

  // What the answer to a save says beside it.
  hearSaved({ ends_at: endsAt, newest_notice: newest }) {
    this.toldAt = performance.now();
    this.timer.setEnd(endsAt);
    if (newest !== this.newestNotice) this.lookedAt = -Infinity;
    this.newestNotice = newest;
  }

  // What the server says of time and place. Raises Trouble.
  async look() {
    if (!this.key || this.isFinishing) return;
    const asked = this.key;
    this.lookedAt = performance.now();
    const answer = await this.ask("GET", `${this.api}/clock`);
    if (asked !== this.key || this.isFinishing) return; // entered anew meanwhile
    if (answer.status !== 200) { await this.refused(answer); return; }
    const { body } = answer;
    await this.stand(body.place);
    if (body.place !== "active") return;
    if (body.is_over) { await this.finish(); return; }
    this.timer.setEnd(body.ends_at);
    if (this.isEnding && this.timer.leftMs > 1000) this.goOn();
    this.tellGrants(body.granted);
    body.notices.forEach((each) => this.notices.say(`notice ${each.id}`, `${say("notice", { at: atTime(each.at) })} ${inTongue(each.text)}`, "hint"));
    if (this.checks && body.checks) this.checks.show(body.checks);
  }

  async stand(place) {
    if (place === "active") {
      if (!this.saver) await this.load();
    } else if (place === "waiting") {
      this.show("waiting");
    } else if (place === "refused") {
      this.showRefusal(null);
    } else {
      await this.move();
    }
  }

  async refused({ status, body }) {
    const code = body && body.code;
    if (status === 401 || code === "forged_request") return this.show("signed-out");
    if (code === "time_is_over" || code === "already_handed_in") return this.finish(body.missed || 0);
    if (code === "another_place") return this.move(body.missed);
    if (code === "awaiting_permission") return this.show("waiting");
    if (code === "not_sitting") return this.key ? this.forget() : location.assign(this.door);
    return this.showRefusal(body);
  }

  // A key of a sitting that is not there any more, as after practice.
  forget() {
    sessionStorage.removeItem(this.keyName);
    location.reload();
  }

  showRefusal(body) {
    if (body) element("[data-screen=refused] [data-reason]", (line) => { line.textContent = inTongue(body.message); });
    this.show("refused");
  }

  show(screen) {
    if (this.screen === screen) return;
    this.screen = screen;
    element("[data-screen]", (section) => { section.hidden = section.dataset.screen !== screen; });
    byId("to-summary").hidden = screen !== "writing";
    byId("saving").hidden = !["writing", "summary"].includes(screen);
    window.scrollTo(0, 0);
  }

  // The paper, and what is saved of it.
  async load() {
    if (this.isLoading) return;
    this.isLoading = true;
    try {
      const [page, paper] = [await this.ask("GET", this.questionsAt), await this.ask("GET", `${this.api}/paper`)];
      if (paper.status !== 200) { await this.refused(paper); return; }
      if (page.status !== 200) { await this.refused({ status: page.status, body: { message: words.not_loaded } }); return; }
      this.furnish(page.body, paper.body);
    } finally {
      this.isLoading = false;
    }
    await this.look();
  }

  furnish(html, paper) {
    byId("stage").innerHTML = html;
    this.saver = new Saver({
      api: this.api, key: this.key, copies: this.copies, saved: paper.saved, flags: paper.flags,
      told: {
        changed: (field) => this.changed(field), connected: (is) => this.connection.set(is),
        saved: (body) => this.hearSaved(body), refused: (answer) => this.refused(answer),
      },
    });
    const found = this.saver.recover();
    this.leaves = [...document.querySelectorAll("#stage .leaf")].map((article) => new Leaf(article, this.saver));
    for (const leaf of this.leaves) {
      if (leaf.takesAnswer) leaf.write(this.saver.field(leaf.name).value);
      leaf.show();
    }
    const box = byId("checks");
    this.checks = box ? new Checks(box, { api: this.api, saver: this.saver, refused: (answer) => this.refused(answer) }) : null;
    this.desk = new Desk(this);
    this.summary = this.summary || new Summary(this);
    if (found.length) this.notices.say(null, say("recovered", { n: found.length }), "wait");
    this.show("writing");
    this.desk.begin();
    this.changed(null);
  }

  changed(field) {
    const leaf = field && this.leaves.find((each) => each.name === field.name);
    if (leaf) leaf.show();
    if (this.desk) this.desk.count();
    const unsaved = this.saver.unsaved.length;
    const last = [...this.saver.fields.values()].map((each) => each.savedAt).filter(Boolean).sort().pop();
    byId("saving").dataset.look = unsaved ? "unsaved" : "saved";
    element("#saving [data-word]", (line) => {
      line.textContent = unsaved ? say("not_all_saved", { n: unsaved }) : last ? say("all_saved", { at: atTime(last) }) : words.nothing_yet;
    });
  }

  warn(minutes) {
    this.notices.say(null, minutes > 1 ? say("minutes_left", { n: minutes }) : words.minute_left, "wait", "warning");
  }

  tellGrants(granted) {
    const isFirst = this.grants === null;
    const told = isFirst ? granted.length : this.grants;
    this.grants = granted.length;
    for (const each of granted.slice(told)) {
      const key = each.seconds > 0 ? "granted" : "taken_back";
      this.notices.say(null, say(key, { span: span(Math.abs(each.seconds)), why: words[`why_${each.kind}`] || each.reason }), "hint");
    }
  }

  // Here the time is over: nothing more is typed, what stands there goes out, and the server says how it ends.
  end() {
    if (!this.saver || this.isFinishing) return;
    this.isEnding = true;
    this.leaves.forEach((leaf) => leaf.takesAnswer && leaf.lock(true));
    this.saver.send();
    this.look().catch(() => this.connection.set(false));
    byId("ended-title").textContent = words.over;
    byId("ended-how").textContent = words.over_unconfirmed;
    this.show("ended");
  }

  // Time was given at the last moment.
  goOn() {
    this.isEnding = false;
    this.leaves.forEach((leaf) => leaf.takesAnswer && leaf.lock(false));
    this.show("writing");
  }

  // The sitting goes on elsewhere: what stands here and was not saved is sent once more, to be kept, and shown to be copied.
  async move(missed) {
    if (this.screen === "left") return;
    this.show("left");
    const saver = this.saver;
    this.saver = null;
    if (!saver) return;
    saver.stop();
    const left = saver.unsaved;
    const box = document.querySelector("[data-screen=left] [data-unsent]");
    box.hidden = !left.length;
    if (!left.length) return;
    const title = (name) => (this.leaves.find((leaf) => leaf.name === name) || { title: name }).title;
    box.querySelector("[data-texts]").replaceChildren(...left.map((field) => textToCopy(title(field.name), field.value)));
    const isSent = missed !== undefined || await saver.hurry().then(() => true, () => false);
    box.querySelector("[data-fate]").textContent = words[isSent ? "left_sent" : "left_not_sent"];
  }

  // Handed in, by whomever: what stands here and not there is sent all the same, then the receipt is fetched.
  async finish(missed = 0) {
    this.missed = Math.max(this.missed, missed);
    if (this.isFinishing) return;
    this.isFinishing = true;
    const saver = this.saver;
    if (saver) saver.stop();
    this.leaves.forEach((leaf) => leaf.takesAnswer && leaf.lock(true));
    const unsaved = saver ? saver.unsaved.length : 0;
    this.showEnd(null, 0, unsaved);
    if (unsaved) await this.insist(() => saver.hurry()); // answered, so kept: now, or when it was sent before
    this.missed = Math.max(this.missed, unsaved);
    const exam = await this.insist(async () => {
      const { status, body } = await this.ask("GET", this.api);
      if (status === 401) this.show("signed-out");
      if (status !== 200 || !body.sitting || !body.sitting.handed_in_at) throw new Trouble("not yet");
      return body;
    });
    this.isFinished = true;
    this.copies.wipe();
    sessionStorage.removeItem(this.keyName);
    this.showEnd(exam.sitting, this.missed, 0);
  }

  showEnd(sitting, missed, unsent) {
    const by = sitting ? sitting.handed_in_by : "clock";
    const at = sitting ? atTime(sitting.handed_in_at) : "";
    byId("ended-title").textContent = by === "clock" ? words.over : words.handed_in;
    byId("ended-how").textContent = sitting ? say({ student: "handed_in_at", clock: "over_at", staff: "by_staff" }[by], { at }) : words.over_unconfirmed;
    const box = byId("ended-missed");
    box.hidden = !missed && !unsent;
    box.textContent = unsent ? say("missed_unsent", { n: unsent }) : say("missed", { n: missed });
    if (sitting) this.showReceipt(sitting);
    byId("timer").hidden = true;
    this.show("ended");
    byId("ended-title").focus();
  }

  showReceipt({ receipt, left_out: leftOut }) {
    if (receipt) byId("receipt").querySelector("code").textContent = receipt;
    else byId("ended-how").textContent += ` ${words.over_no_receipt}`;
    byId("receipt").hidden = !receipt;
    const list = byId("ended-left-out").querySelector("ul");
    const titles = new Map(this.leaves.map((leaf) => [leaf.name, leaf.title]));
    list.replaceChildren(...Object.entries(leftOut).map(([name, why]) => Object.assign(document.createElement("li"), {
      textContent: `${titles.get(name) || name}: ${inTongue(why)}`,
    })));
    byId("ended-left-out").hidden = !Object.keys(leftOut).length;
  }
}

function element(selector, use) { document.querySelectorAll(selector).forEach(use); }

function textToCopy(title, value) {
  const item = document.createElement("li");
  const name = Object.assign(document.createElement("p"), { className: "small", textContent: title });
  const text = Object.assign(document.createElement("textarea"), { className: "typed wide", readOnly: true });
  text.value = typeof value === "string" ? value : JSON.stringify(value);
  text.setAttribute("aria-label", title);
  item.append(name, text);
  return item;
}

const room = new Room(byId("room"));
window.addEventListener("pagehide", () => { if (room.saver) room.saver.leave(); });
document.addEventListener("visibilitychange", () => {
  if (!room.saver) return;
  if (document.hidden) room.saver.send();
  else room.look().catch(() => room.connection.set(false));
});
window.addEventListener("beforeunload", (event) => {
  if (room.saver && !room.isFinished && room.saver.unsaved.length) event.preventDefault();
});
room.open();

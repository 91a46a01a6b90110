// What lies around the paper: the list and the steps between leaves, the summary before handing in, notices, and the connection.
"use strict";

class Connection {
  constructor(copies) {
    this.copies = copies;
    this.box = document.getElementById("connection");
    this.since = null;
  }

  set(isConnected) {
    if (isConnected) this.since = null;
    else this.since = this.since || serverClock.now();
    const look = isConnected ? "connected" : navigator.onLine === false ? "offline" : "trying";
    this.box.dataset.look = this.copies.works ? look : "trying";
    const sentence = isConnected ? words.connected : say(look, { at: atTime(this.since) });
    const line = this.box.querySelector("[data-word]");
    const text = this.copies.works ? sentence : `${sentence}; ${words.storage_fails}`;
    if (line.textContent === text) return;
    line.textContent = text;
    if (this.last !== look) speak(text);
    this.last = look;
  }
}

function speak(text) { document.getElementById("spoken").textContent = text; }

// What has to be read stays until somebody has read it; also over a reload.
class Notices {
  constructor(key) {
    this.key = key;
    this.box = document.getElementById("notices");
    this.told = new Set(JSON.parse(sessionStorage.getItem(key) || "[]"));
    this.shown = new Set();
  }

  // id: of what is told again at every look; kind: of which only the newest stands there.
  say(id, text, look, kind) {
    if (id && (this.told.has(id) || this.shown.has(id))) return;
    if (id) this.shown.add(id);
    if (kind) this.box.querySelectorAll(`[data-of="${kind}"]`).forEach((old) => old.remove());
    const notice = document.createElement("div");
    notice.className = `notice of-${look}`;
    if (kind) notice.dataset.of = kind;
    const line = Object.assign(document.createElement("p"), { textContent: text });
    const close = Object.assign(document.createElement("button"), { type: "button", className: "linklike", textContent: words.read });
    close.addEventListener("click", () => this.close(id, notice));
    notice.append(line, close);
    this.box.append(notice);
    this.box.hidden = false;
    speak(text);
  }

  close(id, notice) {
    notice.remove();
    this.box.hidden = !this.box.children.length;
    if (!id) return;
    this.told.add(id);
    sessionStorage.setItem(this.key, JSON.stringify([...this.told]));
  }
}

// One leaf at a time.
class Desk {
  constructor(room) {
    this.room = room;
    this.leaves = room.leaves;
    this.placeKey = `${room.keyName}|leaf`;
    const on = (id, act) => document.getElementById(id).addEventListener("click", act);
    on("previous", () => this.step(-1));
    on("next", () => this.step(1));
    on("flag", () => this.flag());
    on("toggle-list", () => this.toggle());
    document.querySelectorAll("#stage [data-to]").forEach((button) => button.addEventListener("click", () => this.open(button.dataset.to)));
    if (!Desk.listens) document.addEventListener("keydown", (event) => room.desk.press(event));
    Desk.listens = true;
  }

  get current() { return this.leaves[this.at]; }

  begin() {
    const last = sessionStorage.getItem(this.placeKey);
    this.open(this.leaves.some((leaf) => leaf.name === last) ? last : this.leaves[0].name, false);
  }

  open(name, takesFocus = true) {
    this.at = this.leaves.findIndex((leaf) => leaf.name === name);
    sessionStorage.setItem(this.placeKey, name);
    for (const leaf of this.leaves) {
      leaf.article.hidden = leaf !== this.current;
      leaf.entry.toggleAttribute("aria-current", leaf === this.current);
    }
    document.getElementById("previous").disabled = this.at === 0;
    document.getElementById("next").disabled = this.at === this.leaves.length - 1;
    document.getElementById("flag").hidden = !this.current.takesAnswer;
    this.toggle(false);
    this.showFlag();
    this.room.show("writing");
    window.scrollTo(0, 0);
    if (takesFocus) this.current.article.querySelector("h1").focus({ preventScroll: true });
  }

  step(by) {
    const next = this.leaves[this.at + by];
    if (next) this.open(next.name);
  }

  flag() {
    if (!this.current.takesAnswer) return;
    this.room.saver.flag(this.current.name, !this.current.isFlagged);
    this.current.mark();
    this.showFlag();
  }

  showFlag() { document.getElementById("flag").setAttribute("aria-pressed", String(this.current.isFlagged)); }

  toggle(isOpen = document.getElementById("toggle-list").getAttribute("aria-expanded") !== "true") {
    document.getElementById("toggle-list").setAttribute("aria-expanded", String(isOpen));
    document.getElementById("list").classList.toggle("is-open", isOpen);
  }

  press(event) {
    if (this.room.screen !== "writing" || event.ctrlKey || event.metaKey || event.isComposing) return;
    const isTyping = event.target.closest("input, textarea, select");
    const byAlt = { PageDown: "next", PageUp: "previous", End: "flag", Home: "list" };
    const alone = { n: "next", p: "previous", f: "flag", l: "list" };
    const act = event.altKey ? byAlt[event.key] : isTyping ? undefined : alone[event.key];
    if (!act) return;
    event.preventDefault();
    if (act === "flag") this.flag();
    else if (act === "list") this.goToList();
    else this.step(act === "next" ? 1 : -1);
  }

  goToList() {
    this.toggle(true);
    this.current.entry.focus();
  }

  // Of sections of which only so many count.
  count() {
    for (const place of document.querySelectorAll("[data-section]")) {
      const mine = this.leaves.filter((leaf) => leaf.entry.dataset.of === place.dataset.section);
      const n = mine.filter((leaf) => leaf.isAnswered).length;
      place.textContent = say("chosen", { n, choose: place.dataset.choose, all: mine.length });
    }
  }
}

// The last look before handing in.
class Summary {
  constructor(room) {
    this.room = room;
    this.problem = document.getElementById("hand-in-problem");
    this.button = document.getElementById("hand-in");
    this.button.addEventListener("click", () => this.handIn());
    document.getElementById("to-summary").addEventListener("click", () => this.open());
    document.getElementById("back").addEventListener("click", () => room.desk.open(room.desk.current.name));
  }

  open() {
    this.room.saver.send();
    this.problem.hidden = true;
    this.draw();
    this.room.show("summary");
    document.querySelector("[data-screen=summary]").focus();
  }

  get leaves() { return this.room.leaves.filter((leaf) => leaf.takesAnswer); }

  draw() {
    const count = (test) => this.leaves.filter(test).length;
    const answered = count((leaf) => leaf.isAnswered);
    const counts = [
      say("count_answered", { n: answered, all: this.leaves.length }),
      ...[
        ["count_empty", this.leaves.length - answered],
        ["count_flagged", count((leaf) => leaf.isFlagged)],
        ["count_unreadable", count((leaf) => this.room.saver.field(leaf.name).problem)],
        ["count_unsaved", this.room.saver.unsaved.length],
      ].filter(([, n]) => n).map(([key, n]) => say(key, { n })),
    ];
    const line = (text) => Object.assign(document.createElement("li"), { textContent: text });
    document.getElementById("counts").replaceChildren(...counts.map(line));
    document.getElementById("summary-rows").replaceChildren(...this.leaves.map((leaf) => this.row(leaf)));
  }

  row(leaf) {
    const row = document.createElement("tr");
    const cells = [1, 2, 3].map(() => document.createElement("td"));
    const way = Object.assign(document.createElement("button"), { type: "button", className: "linklike", textContent: leaf.title });
    way.addEventListener("click", () => this.room.desk.open(leaf.name));
    cells[0].append(way);
    cells[1].textContent = leaf.inWords.join(", ");
    cells[1].className = leaf.isInTrouble ? "fail" : leaf.isAnswered ? "pass" : "soft";
    cells[2].textContent = leaf.safety[1];
    cells[2].className = "small soft";
    row.append(...cells);
    return row;
  }

  complain(sentence) {
    this.problem.textContent = sentence;
    this.problem.hidden = false;
    this.button.disabled = false;
    this.button.textContent = this.label;
  }

  async handIn() {
    const { saver } = this.room;
    if (saver.unsaved.some((field) => field.conflict)) { this.complain(words.conflicts_stop); return; }
    this.label = this.button.textContent;
    this.button.disabled = true;
    this.button.textContent = words.handing_in;
    this.problem.hidden = true;
    try {
      await saver.settled();
      const { status, body } = await this.room.ask("POST", `${this.room.api}/hand-in`, { json: { answers: {} } });
      if (status === 201 || status === 200) { await this.room.finish(); return; }
      if (status === 409) { await this.room.refused({ status, body }); return; }
      this.complain(inTongue(body.message));
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      this.complain(words.hand_in_fails);
    }
  }
}

// The leaves of a paper: what stands in them, whether it counts as answered, and how safe it is.
"use strict";

const NO_ANSWER = new Set(["handout", "review"]);

class Leaf {
  constructor(article, saver) {
    this.article = article;
    this.name = article.dataset.leaf;
    this.kind = article.dataset.kind || "handout";
    this.saver = saver;
    this.takesAnswer = !NO_ANSWER.has(this.kind);
    this.entry = document.querySelector(`.room-entry [data-to="${CSS.escape(this.name)}"]`);
    if (this.takesAnswer) this.listen();
  }

  get title() { return this.entry.querySelector(".room-entry-title").textContent; }
  get inputs() { return [...this.article.querySelectorAll("input, textarea")]; }
  get starter() {
    const template = this.article.querySelector("[data-starter]");
    return template ? template.content.textContent : "";
  }

  listen() {
    if (this.kind === "code") this.listenToCode();
    if (this.kind === "file") this.listenToFile();
    else this.article.addEventListener("input", () => this.saver.change(this.name, this.read()));
    const clear = this.article.querySelector("[data-clear]");
    if (clear) clear.addEventListener("click", () => this.clear());
    for (const button of this.article.querySelectorAll("[data-settle]")) {
      button.addEventListener("click", () => {
        this.saver.settle(this.name, button.dataset.settle === "here");
        this.write(this.saver.field(this.name).value);
      });
    }
  }

  listenToCode() {
    this.editor = new Editor(this.article.querySelector(".editor"));
    const [restore, undo] = ["[data-restore]", "[data-undo]"].map((each) => this.article.querySelector(each));
    restore.addEventListener("click", () => {
      this.before = this.editor.field.value;
      this.editor.replaceAll(this.starter);
      undo.hidden = false;
    });
    undo.addEventListener("click", () => {
      this.editor.replaceAll(this.before);
      undo.hidden = true;
    });
  }

  listenToFile() {
    const input = this.article.querySelector("input[type=file]");
    input.addEventListener("change", () => { if (input.files.length) this.upload(input); });
  }

  clear() {
    if (this.kind === "file") {
      this.saver.change(this.name, null);
      this.write(null);
      return;
    }
    for (const input of this.inputs) input.checked = false;
    this.saver.change(this.name, this.read());
  }

  // As the form of a homework has it.
  read() {
    const inputs = this.inputs;
    switch (this.kind) {
      case "choice": return (inputs.find((input) => input.checked) || { value: "" }).value;
      case "choices": return inputs.filter((input) => input.checked).map((input) => input.value);
      case "matrix": return Array.from(this.article.querySelectorAll(".grid tr"), (row) => Array.from(row.querySelectorAll("input"), (cell) => cell.value));
      case "file": return this.saver.field(this.name).value;
      default: return inputs[0].value;
    }
  }

  write(value) {
    const inputs = this.inputs;
    if (this.kind === "choice" || this.kind === "choices") {
      const ticked = Array.isArray(value) ? value : [value];
      for (const input of inputs) input.checked = ticked.includes(input.value);
    } else if (this.kind === "matrix") {
      const cells = Array.isArray(value) ? value.flat() : [];
      inputs.forEach((input, place) => { input.value = cells[place] === undefined ? "" : cells[place]; });
    } else if (this.kind === "file") {
      this.showFile(value);
    } else {
      inputs[0].value = value === undefined || value === null ? this.starter : value;
      if (this.editor) this.editor.number();
    }
  }

  showFile(value) {
    const row = this.article.querySelector("[data-file]");
    row.hidden = !value;
    if (value) row.querySelector("[data-word]").textContent = `${value.name} (${Math.ceil(value.size_bytes / 1024)} KiB)`;
  }

  // With progress, which fetch does not tell.
  upload(input) {
    const bar = this.article.querySelector("progress");
    const form = new FormData();
    form.append("file", input.files[0]);
    const request = new XMLHttpRequest();
    request.open("POST", `${this.saver.api}/files/${this.name.replace("question:", "")}`);
    request.setRequestHeader("X-CSRF-Token", facts.csrf);
    request.setRequestHeader("X-Exam-Place", this.saver.key);
    request.upload.addEventListener("progress", (event) => {
      bar.value = Math.round(100 * event.loaded / event.total);
      this.showState("sending", say("uploading", { n: bar.value }));
    });
    request.addEventListener("loadend", () => this.finishUpload(input, request));
    bar.hidden = false;
    request.send(form);
  }

  finishUpload(input, request) {
    this.article.querySelector("progress").hidden = true;
    let body = {};
    try { body = JSON.parse(request.responseText); } catch { /* no answer at all */ }
    if (request.status === 200 || request.status === 201) {
      const field = this.saver.field(this.name);
      field.value = { name: input.files[0].name, size_bytes: input.files[0].size };
      field.confirm(field.value, body.versions[this.name], body.saved_at);
      input.value = "";
      this.showFile(field.value);
      this.saver.told.changed(field);
      return;
    }
    if (request.status === 409) this.saver.told.refused({ status: 409, body });
    this.showState("failed", inTongue(body.message) || words.upload_fails);
  }

  get isAnswered() {
    if (!this.takesAnswer) return false;
    const value = this.saver.field(this.name).value;
    if (value === null || value === undefined) return false;
    if (this.kind === "code") return Boolean(value.trim()) && value !== this.starter;
    if (this.kind === "file") return true;
    return Array.isArray(value) ? value.flat().some((each) => each.trim()) : Boolean(value.trim());
  }

  get isFlagged() { return this.saver.flags.value.has(this.name); }
  get isInTrouble() { return Boolean(this.saver.field(this.name).problem || this.saver.field(this.name).conflict); }

  showState(look, sentence) {
    const line = this.article.querySelector("[data-state]");
    line.dataset.look = look;
    line.querySelector("[data-word]").textContent = sentence;
  }

  // [look, sentence]: how safe it is.
  get safety() {
    const field = this.saver.field(this.name);
    if (field.refusal) return ["failed", inTongue(field.refusal)];
    if (field.conflict) return ["unsaved", words.two_texts];
    if (!field.isDirty) return field.savedAt ? ["saved", say("saved", { at: atTime(field.savedAt) })] : ["nothing", words.nothing];
    if (this.saver.failures) return ["kept", this.saver.copies.works ? words.kept : words.storage_fails];
    return this.saver.isSending ? ["sending", words.saving] : ["unsaved", words.unsaved];
  }

  show() {
    if (!this.takesAnswer) return;
    const field = this.saver.field(this.name);
    this.showState(...this.safety);
    const problem = this.article.querySelector("[data-problem]");
    const isStale = field.isDirty || !field.problem;
    problem.hidden = isStale;
    problem.textContent = isStale ? "" : say("unreadable", { why: inTongue(field.problem) });
    for (const input of this.inputs) input.toggleAttribute("aria-invalid", !isStale);
    this.showConflict(field);
    this.mark();
  }

  showConflict(field) {
    const box = this.article.querySelector("[data-conflict]");
    const wasHidden = box.hidden;
    box.hidden = !field.conflict;
    if (!field.conflict || !wasHidden) return;
    const shown = (value) => (typeof value === "string" ? value : JSON.stringify(value));
    box.querySelector('[data-title="here"]').textContent = words.here;
    box.querySelector('[data-text="here"]').textContent = shown(field.value);
    box.querySelector('[data-title="there"]').textContent = say("there", { at: atTime(field.conflict.saved_at) });
    box.querySelector('[data-text="there"]').textContent = shown(field.conflict.value);
  }

  mark() {
    const marks = { "is-answered": this.isAnswered, "is-flagged": this.isFlagged, "is-in-trouble": this.isInTrouble };
    for (const [name, holds] of Object.entries(marks)) this.entry.classList.toggle(name, holds);
    this.entry.querySelector("[data-word]").textContent = `, ${this.inWords.join(", ")}`;
  }

  get inWords() {
    const said = [this.isAnswered ? words.answered : words.empty];
    if (this.isFlagged) said.push(words.flagged);
    if (this.saver.field(this.name).conflict) said.push(words.two_texts);
    else if (this.isInTrouble) said.push(words.cannot_read);
    return said;
  }

  lock(isLocked) {
    for (const input of this.inputs) {
      if (input.matches("[type=radio], [type=checkbox], [type=file]")) input.disabled = isLocked;
      else input.readOnly = isLocked;
    }
    for (const button of this.article.querySelectorAll("button:not([data-to])")) button.disabled = isLocked;
  }
}

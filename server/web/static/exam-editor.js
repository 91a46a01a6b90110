// A plain field made fit for Python: indenting by Tab, lines that go on where the last one stood, numbers beside them.
"use strict";

const INDENT = "    ";

// Through the browser's own editing, so that its undo goes on working.
function insertText(field, text) {
  field.focus();
  if (!document.execCommand("insertText", false, text)) {
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

class Editor {
  constructor(box) {
    this.field = box.querySelector("textarea");
    this.lines = box.querySelector("pre");
    this.letsGo = false; // Esc was pressed: the next Tab leaves
    this.count = 0;
    this.field.addEventListener("keydown", (event) => this.press(event));
    this.field.addEventListener("input", () => this.number());
    this.field.addEventListener("scroll", () => { this.lines.scrollTop = this.field.scrollTop; });
    this.number();
  }

  number() {
    const count = this.field.value.split("\n").length;
    if (count === this.count) return;
    this.count = count;
    this.lines.textContent = Array.from({ length: count }, (_, line) => line + 1).join("\n");
    this.lines.scrollTop = this.field.scrollTop;
  }

  press(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") { this.letsGo = true; return; }
    if (event.key === "Tab" && !this.letsGo) { event.preventDefault(); this.indent(event.shiftKey); }
    if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); this.breakLine(); }
    if (event.key === "Backspace") this.eraseIndent(event);
    if (event.key !== "Shift") this.letsGo = false;
  }

  get lineStart() { return this.field.value.lastIndexOf("\n", this.field.selectionStart - 1) + 1; }

  indent(isBack) {
    const { value, selectionStart, selectionEnd } = this.field;
    const start = this.lineStart;
    if (selectionStart === selectionEnd && !isBack) {
      insertText(this.field, INDENT.slice((selectionStart - start) % INDENT.length));
      return;
    }
    const last = selectionEnd > selectionStart && value[selectionEnd - 1] === "\n" ? selectionEnd - 1 : selectionEnd;
    const next = value.indexOf("\n", last);
    const end = next < 0 ? value.length : next;
    const before = value.slice(start, end).split("\n");
    const after = before.map((line) => (isBack ? line.replace(/^(\t| {1,4})/, "") : line && INDENT + line));
    if (after.join("\n") === before.join("\n")) return;
    this.field.setSelectionRange(start, end);
    insertText(this.field, after.join("\n"));
    const moved = after[0].length - before[0].length;
    const total = after.join("\n").length - (end - start);
    this.field.setSelectionRange(Math.max(start, selectionStart + moved), Math.max(start, selectionEnd + total));
  }

  breakLine() {
    const before = this.field.value.slice(this.lineStart, this.field.selectionStart);
    const depth = before.match(/^[ \t]*/)[0];
    insertText(this.field, `\n${depth}${/:\s*(#.*)?$/.test(before) ? INDENT : ""}`);
  }

  // In front of a line's first letter one step goes away, as it came.
  eraseIndent(event) {
    const { selectionStart, selectionEnd, value } = this.field;
    const before = value.slice(this.lineStart, selectionStart);
    if (selectionStart !== selectionEnd || !before || !/^ +$/.test(before)) return;
    event.preventDefault();
    const width = before.length % INDENT.length || INDENT.length;
    this.field.setSelectionRange(selectionStart - width, selectionStart);
    if (!document.execCommand("delete")) insertText(this.field, "");
  }

  replaceAll(text) {
    this.field.focus();
    this.field.select();
    insertText(this.field, text);
    this.field.setSelectionRange(0, 0);
    this.number();
  }
}

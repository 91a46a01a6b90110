// Marking by keyboard: numbers tick items, n and p go to other works, Ctrl+Enter saves and goes on; a click on a line's number fills the form.
"use strict";

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    const button = document.querySelector("button[data-submit]");
    if (button) button.click();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("textarea, select, input:not([type=checkbox])")) return;
  const box = document.querySelector(`input[data-number="${CSS.escape(event.key)}"]`);
  if (box) return box.click();
  if (event.key.startsWith("Arrow") && event.target.closest("[tabindex]")) return; // there they scroll the code
  const link = document.querySelector(`a[data-keys~="${CSS.escape(event.key)}"]`);
  if (link) link.click();
});

document.querySelectorAll("[data-line]").forEach((number) => {
  number.addEventListener("click", (event) => {
    const form = document.getElementById("line-form");
    const [file, first, last, words] = ["file", "first_line", "last_line", "words"].map((name) => form.querySelector(`[name=${name}]`));
    const line = Number(number.dataset.line);
    const isOther = file.value !== number.closest("[data-file]").dataset.file;
    file.value = number.closest("[data-file]").dataset.file;
    if (event.shiftKey && first.value && !isOther) {
      last.value = Math.max(line, Number(first.value));
      first.value = Math.min(line, Number(first.value));
    } else {
      first.value = line;
      last.value = line;
    }
    words.focus();
  });
});

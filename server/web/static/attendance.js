// Calling names by keyboard: P, L, A and E mark the name in focus and go on to the next.
"use strict";

function rowInFocus() { return document.activeElement.closest(".names > li"); }

function goTo(row) {
  if (!row) return;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "center" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  const rows = Array.from(document.querySelectorAll(".names > li"));
  const row = rowInFocus();
  const place = rows.indexOf(row);
  const key = event.key.toLowerCase();
  if (key === "j" || key === "k") return goTo(rows[row ? place + (key === "j" ? 1 : -1) : 0]);
  const button = row && row.querySelector(`button[data-mark="${CSS.escape(key)}"]`);
  if (!button) return;
  event.preventDefault();
  const reason = row.querySelector("input[name=reason]");
  if (key === "e" && !reason.value.trim()) return reason.focus(); // nobody is excused without a reason
  button.click();
  goTo(rows[place + 1]);
});

const marked = location.hash && document.getElementById(location.hash.slice(1));
if (marked) goTo(marked.nextElementSibling || marked);

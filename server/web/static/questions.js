// Comfort on top of a form that works without it: a block copied from a spreadsheet fills the cells from where it is pasted.
"use strict";

function pasteBlock(event) {
  const cell = event.target.closest("[data-grid] input");
  const text = event.clipboardData ? event.clipboardData.getData("text/plain") : "";
  if (!cell || !/[\t\n]/.test(text.trim())) return;
  event.preventDefault();
  const rows = Array.from(cell.closest("table").rows, (row) => Array.from(row.querySelectorAll("input")));
  const top = rows.findIndex((row) => row.includes(cell));
  const left = rows[top].indexOf(cell);
  text.replace(/\r/g, "").replace(/\n+$/, "").split("\n").forEach((line, y) => {
    line.split("\t").forEach((value, x) => {
      const field = rows[top + y] && rows[top + y][left + x];
      if (field) field.value = value.trim();
    });
  });
  cell.dispatchEvent(new Event("input", { bubbles: true }));
}

// Arrows move between rows, as in a spreadsheet; left and right stay with the text in a cell.
function moveInGrid(event) {
  const step = { ArrowUp: -1, ArrowDown: 1, Enter: 1 }[event.key];
  const cell = step && event.target.closest("[data-grid] input");
  if (!cell) return;
  const row = cell.closest("tr");
  const column = Array.from(row.querySelectorAll("input")).indexOf(cell);
  const other = step > 0 ? row.nextElementSibling : row.previousElementSibling;
  event.preventDefault();
  if (other) other.querySelectorAll("input")[column].focus();
}

document.addEventListener("paste", pasteBlock);
document.addEventListener("keydown", moveInGrid);

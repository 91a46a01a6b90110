// A list that is worked off: j and k walk from row to row, Enter follows the link that is in focus.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  if (event.key !== "j" && event.key !== "k") return;
  const rows = Array.from(document.querySelectorAll("[data-queue] a[data-row]"));
  const place = rows.indexOf(document.activeElement);
  const next = rows[place < 0 ? 0 : place + (event.key === "j" ? 1 : -1)];
  if (next) next.focus();
});

// Reading one work after the other: keys that follow links, and a warning before something typed would be lost.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  const link = document.querySelector(`a[data-key="${CSS.escape(event.key)}"]`);
  if (link) link.click();
});

let isTyped = false;
document.querySelectorAll("form[data-typed]").forEach((form) => {
  form.addEventListener("input", () => { isTyped = true; });
  form.addEventListener("submit", () => { isTyped = false; });
});
window.addEventListener("beforeunload", (event) => { if (isTyped) event.preventDefault(); });

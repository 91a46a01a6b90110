// The set-up adds its weights up while one types; in the table j and k move from student to student, / goes to the search.
"use strict";

function addWeights(form) {
  const cents = Array.from(form.querySelectorAll("input[name^=weight-]"), (input) => Math.round(Number(input.value.trim() || 0) * 100));
  const total = cents.reduce((sum, value) => sum + value, 0);
  form.querySelector("[data-total]").textContent = Number.isNaN(total) ? "?" : String(total / 100);
  form.querySelector("#weights").classList.toggle("fail", total !== 10000);
}

const weights = document.querySelector("form[data-weights]");
if (weights) weights.addEventListener("input", () => addWeights(weights));

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  const search = document.getElementById("search");
  if (event.key === "/" && search) {
    event.preventDefault();
    search.focus();
    return;
  }
  if (event.key !== "j" && event.key !== "k") return;
  const rows = Array.from(document.querySelectorAll(".grades tbody tr"));
  const row = document.activeElement.closest(".grades tbody tr");
  const next = rows[row ? rows.indexOf(row) + (event.key === "j" ? 1 : -1) : 0];
  if (next) next.querySelector("a").focus();
});

// The search by keyboard alone: days keep what is typed, the arrows go through what was found.
import { isOff } from "./page.js";

const form = document.getElementById("search");

for (const day of form.querySelectorAll("[data-from]")) {
  day.addEventListener("click", (event) => {
    event.preventDefault();
    form.elements.from.value = day.dataset.from;
    form.elements.to.value = day.dataset.to;
    form.requestSubmit();
  });
}

// What was left empty is no part of the address.
form.addEventListener("formdata", (event) => {
  for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || isOff(event)) return;
  const field = event.target.closest("input, select, textarea");
  const typed = field?.matches("input:not([list]):not([type='datetime-local'])");
  if (event.key === "/" && !field) {
    event.preventDefault();
    form.elements.plate.select();
    return;
  }
  if (event.key === "Escape" && field) return field.blur();
  if (!["ArrowDown", "ArrowUp"].includes(event.key) || (field && !typed)) return;
  const rows = [...document.querySelectorAll("#found .number a")];
  if (!rows.length) return;
  event.preventDefault();
  const at = rows.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
  if (at < 0) form.elements.plate.select();
  else rows[Math.min(at, rows.length - 1)].focus();
});

// What a person is on stays when a part of the page is fetched anew: the focus, what was folded open, what was chosen.
// htmx itself keeps the focus of what has an id; the rest is known by where it leads or by its words.
const TARGETS = "a[href], button, input, select, textarea, summary, [tabindex]";

const nameOf = (one) => one.id || one.getAttribute("href") || `${one.tagName} ${one.textContent.trim()}`;
const named = (part, name) => [...part.querySelectorAll(TARGETS)].filter((one) => nameOf(one) === name);

export function keepPlace(part) {
  let name = null, which = 0, open = [], chosen = new Map();
  document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target !== part) return;
    const on = document.activeElement;
    // A list of choices that is open would be shut; the part is fetched again after the next change.
    if (part.contains(on) && on.matches("select")) { detail.shouldSwap = false; return; }
    name = part.contains(on) ? nameOf(on) : null;
    which = name === null ? 0 : named(part, name).indexOf(on);
    open = [...part.querySelectorAll("details[open]")].map((one) => one.id || nameOf(one.querySelector("summary")));
    chosen = new Map([...part.querySelectorAll("select[id]")].map((one) => [one.id, one.value]));
  });
  document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target !== part) return;
    for (const one of part.querySelectorAll("details"))
      if (open.includes(one.id || nameOf(one.querySelector("summary")))) one.open = true;
    for (const one of part.querySelectorAll("select[id]"))
      if ([...one.options].some(({ value }) => value === chosen.get(one.id))) one.value = chosen.get(one.id);
    if (name !== null && !part.contains(document.activeElement)) named(part, name)[which]?.focus({ preventScroll: true });
  });
}

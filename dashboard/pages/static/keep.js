// What a person is on stays when a part of the page is fetched anew: the focus, and what was folded open.  htmx itself
// keeps the focus of what has an id; the rest is known by where it leads or by its words.
const TARGETS = "a[href], button, input, select, textarea, summary, [tabindex]";

const nameOf = (one) => one.id || one.getAttribute("href") || `${one.tagName} ${one.textContent.trim()}`;
const named = (part, name) => [...part.querySelectorAll(TARGETS)].filter((one) => nameOf(one) === name);

export function keepPlace(part) {
  let name = null, which = 0, open = [];
  document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target !== part) return;
    const on = document.activeElement;
    name = part.contains(on) ? nameOf(on) : null;
    which = name === null ? 0 : named(part, name).indexOf(on);
    open = [...part.querySelectorAll("details[open]")].map((one) => one.id || nameOf(one.querySelector("summary")));
  });
  document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target !== part) return;
    for (const one of part.querySelectorAll("details"))
      if (open.includes(one.id || nameOf(one.querySelector("summary")))) one.open = true;
    if (name !== null && !part.contains(document.activeElement)) named(part, name)[which]?.focus({ preventScroll: true });
  });
}

// On every page: the clock, ages that count on, dialogs, keys.
export const offset = Number(document.body.dataset.offsetMinutes) * 60000;
const clock = document.getElementById("clock");
let skew = 0;

/** The server's time: a workplace's own clock may be wrong, and ages with it. */
export function now() { return Date.now() + skew; }

export function setNow(iso) {
  const off = Date.parse(iso) - Date.now();
  // What the way here took is no wrong clock.
  if (Math.abs(off - skew) > 1500) skew = off;
}

function two(number) { return String(number).padStart(2, "0"); }

export function age(since) {
  const seconds = Math.max(0, Math.floor((now() - Date.parse(since)) / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  if (hours >= 48) return `${Math.floor(hours / 24)} ${document.body.dataset.day}`;
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** What is left until then; nothing left stays 0:00. */
export function left(until) {
  const seconds = Math.max(0, Math.ceil((Date.parse(until) - now()) / 1000));
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}

function say(element, text) {
  const node = element.firstChild;
  if (!node) { if (text) element.textContent = text; } else if (node.data !== text) node.data = text;
}

export function tick() {
  say(clock, new Date(now() + offset).toISOString().slice(11, 19));
  for (const element of document.querySelectorAll("[data-since]")) {
    const { since, lateS } = element.dataset;
    say(element, since ? age(since) : "");
    if (lateS === undefined) continue;
    const late = lateS !== "" && since !== "" && now() - Date.parse(since) > 1000 * Number(lateS);
    element.classList.toggle("late", late);
  }
  for (const element of document.querySelectorAll("[data-until]")) {
    const text = left(element.dataset.until);
    if (element.textContent !== text) element.textContent = text;
    element.classList.toggle("soon", Date.parse(element.dataset.until) - now() < 60000);
  }
}
tick();
setInterval(tick, 1000);

const dialog = document.getElementById("dialog");
let opener = "";
document.body.addEventListener("htmx:afterSwap", tick);
// Told by the dialog itself: the button that asked for it may have been replaced meanwhile, and htmx's event with it.
new MutationObserver(() => {
  if (!dialog.childElementCount) return;
  if (!dialog.open) {
    opener = document.activeElement.id;
    dialog.showModal();
  }
  dialog.querySelector("[autofocus]")?.focus();
}).observe(dialog, { childList: true });
document.body.addEventListener("command-sent", () => dialog.close());
// The browser gives the focus back to what had it, unless that was fetched anew meanwhile.
dialog.addEventListener("close", () => {
  const on = document.activeElement;
  if (opener && (on === document.body || dialog.contains(on))) document.getElementById(opener)?.focus({ preventScroll: true });
});
dialog.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) { event.preventDefault(); dialog.close(); }
});

// Answers that htmx would drop: a refusal comes with the form again, so it is shown.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 409) event.detail.shouldSwap = true;
});

// What is asked for again and again, and says the same, is not read out again.
let offered = null;
document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id !== "offered") return;
  if (detail.serverResponse === offered) detail.shouldSwap = false;
  offered = detail.serverResponse;
});

// What was asked for by hand, and got no answer or none that a page shows: nothing else would say so.
const byHand = ({ requestConfig }) => ["click", "submit"].includes(requestConfig.triggeringEvent?.type);
document.body.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (byHand(detail)) document.getElementById("unanswered")?.remove();
});
for (const failed of ["htmx:sendError", "htmx:responseError"])
  document.body.addEventListener(failed, ({ detail }) => {
    if (!byHand(detail) || detail.xhr.status === 409) return;
    const said = document.createElement("p");
    Object.assign(said, { id: "unanswered", className: "refused", role: "alert", textContent: document.body.dataset.unanswered });
    (detail.elt.matches("form") ? detail.elt : document.getElementById("main")).prepend(said);
  });

const commands = { r: "release", h: "hold", f: "refer", u: "raise", d: "lower", m: "mode" };
// The Latin letter that stands on the key, whatever layout is on: nobody changes it to release a lane.
export function keyOf(event) {
  const letter = /^Key([A-Z])$/.exec(event.code);
  return letter && /^[^\x00-\x7f]$/.test(event.key) ? letter[1].toLowerCase() : event.key;
}

/** Whether the user has switched off what the key writes (WCAG 2.1.4).  Enter, Esc and arrows write nothing. */
export function isOff(event) { return event.key.length === 1 && "noCharacterKeys" in document.body.dataset; }

export function mayUseKeys(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || isOff(event)) return false;
  const field = event.target.closest("input, select, textarea");
  // A field of a dialog that has just closed may keep the focus until the page is drawn again.
  return !(dialog.open || (field && !dialog.contains(field)));
}

document.addEventListener("keydown", (event) => {
  if (!mayUseKeys(event)) return;
  const key = keyOf(event);
  if (key === "?") return location.assign("/keys");
  if (key === "Escape" && location.pathname.startsWith("/lanes/")) return location.assign("/");
  if (key === "Escape" && location.pathname.startsWith("/passages/")) return history.back();
  const command = document.querySelector(`[data-key-command="${commands[key]}"]`);
  if (command) return command.click();
  document.querySelector(`[data-key="${CSS.escape(key)}"]`)?.click();
});

// On every page: the clock, ages that count on, dialogs, keys.
const offset = Number(document.body.dataset.offsetMinutes) * 60000;
const clock = document.getElementById("clock");

function two(number) { return String(number).padStart(2, "0"); }

export function age(since) {
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(since)) / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  if (hours >= 48) return `${Math.floor(hours / 24)} ${document.body.dataset.day}`;
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** What is left until then; nothing left stays 0:00. */
export function left(until) {
  const seconds = Math.max(0, Math.ceil((Date.parse(until) - Date.now()) / 1000));
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}

export function tick() {
  clock.textContent = new Date(Date.now() + offset).toISOString().slice(11, 19);
  for (const element of document.querySelectorAll("[data-since]")) {
    const text = element.dataset.since ? age(element.dataset.since) : "";
    if (element.textContent !== text) element.textContent = text;
  }
  for (const element of document.querySelectorAll("[data-until]")) {
    const text = left(element.dataset.until);
    if (element.textContent !== text) element.textContent = text;
    element.classList.toggle("soon", Date.parse(element.dataset.until) - Date.now() < 60000);
  }
}
tick();
setInterval(tick, 1000);

const dialog = document.getElementById("dialog");
document.body.addEventListener("htmx:afterSwap", tick);
// Told by the dialog itself: the button that asked for it may have been replaced meanwhile, and htmx's event with it.
new MutationObserver(() => {
  if (!dialog.childElementCount) return;
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("[autofocus]")?.focus();
}).observe(dialog, { childList: true });
document.body.addEventListener("command-sent", () => dialog.close());
dialog.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) { event.preventDefault(); dialog.close(); }
});

// Answers that htmx would drop: a refusal comes with the form again, so it is shown.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 409) event.detail.shouldSwap = true;
});

const commands = { r: "release", h: "hold", f: "refer", u: "raise", d: "lower", m: "mode" };
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const field = event.target.closest("input, select, textarea");
  // A field of a dialog that has just closed may keep the focus until the page is drawn again.
  if (dialog.open || (field && !dialog.contains(field))) return;
  if (event.key === "?") return location.assign("/keys");
  if (event.key === "Escape" && location.pathname.startsWith("/lanes/")) return location.assign("/");
  if (event.key === "Escape" && location.pathname.startsWith("/passages/")) return history.back();
  const command = document.querySelector(`[data-key-command="${commands[event.key]}"]`);
  if (command) return command.click();
  document.querySelector(`[data-key="${CSS.escape(event.key)}"]`)?.click();
});

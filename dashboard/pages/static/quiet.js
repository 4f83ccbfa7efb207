// A wall runs for months: once a day, at a quiet hour of the site and while nobody is needed, it starts afresh.
import { now, offset } from "./page.js";
import { isLive } from "./stream.js";

const LOOK_EVERY_MS = 60000;
const YOUNG_MS = 3600000;
const HANDS_OFF_MS = 300000;
const began = now();
let touched = 0;

for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, () => { touched = now(); }, { capture: true });

function someoneNeeded() {
  return document.querySelector(".tile.alarm, .tile.attention, dialog[open], #alarm-strip:not([hidden])") !== null;
}

/** Whether it is the hour after `at` ("04:00") by the site's clock. */
function isQuietHour(at, time) {
  const [hour, minute] = at.split(":").map(Number);
  const local = new Date(time + offset);
  const minutes = local.getUTCHours() * 60 + local.getUTCMinutes();
  return (minutes - (hour * 60 + minute) + 1440) % 1440 < 60;
}

export function reloadAtQuietHour(at) {
  // Fifty walls of a site do not come at once.
  const spread = Math.random() * 600000;
  setInterval(() => {
    const time = now();
    if (time - began < YOUNG_MS || time - touched < HANDS_OFF_MS) return;
    if (isQuietHour(at, time - spread) && isLive() && !someoneNeeded()) location.reload();
  }, LOOK_EVERY_MS);
}

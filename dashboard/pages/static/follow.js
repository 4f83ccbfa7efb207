// Lists over the lanes: fetched again when any lane looks different.
import { keepPlace } from "./keep.js";
import { follow } from "./stream.js";

const AT_ONCE_MS = 150;
const AGAIN_MS = 3000;
const part = document.getElementById("follow");
keepPlace(part);
let waiting = 0;
const seen = new Map();

function fetchIn(ms) {
  clearTimeout(waiting);
  waiting = setTimeout(() => htmx.trigger(part, "changed"), ms);
}

follow({ position: part.dataset.position }, (lane) => {
  const text = JSON.stringify([lane.alarms, lane.shift, lane.situation, lane.unseen, lane.passage?.passage, lane.passage?.reasons, lane.passage?.plates]);
  const before = seen.get(lane.lane);
  seen.set(lane.lane, text);
  if (before !== text) fetchIn(AT_ONCE_MS);
}, () => htmx.trigger(part, "changed"));

// What a list that did not come would have shown is told by nothing else.
for (const failed of ["htmx:sendError", "htmx:responseError"])
  part.addEventListener(failed, ({ target }) => { if (target === part) fetchIn(AGAIN_MS); });

// Lists over the lanes: fetched again when any lane looks different.
import { keepPlace } from "./keep.js";
import { follow } from "./stream.js";

const part = document.getElementById("follow");
keepPlace(part);
let waiting = 0;
const seen = new Map();
follow({ position: part.dataset.position }, (lane) => {
  const text = JSON.stringify([lane.alarms, lane.shift, lane.situation, lane.unseen, lane.passage?.passage, lane.passage?.reasons]);
  const before = seen.get(lane.lane);
  seen.set(lane.lane, text);
  if (before === text || part.contains(document.activeElement) && document.activeElement.matches("select")) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => htmx.trigger(part, "changed"), 150);
}, () => htmx.trigger(part, "changed"));

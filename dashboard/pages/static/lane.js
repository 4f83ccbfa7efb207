// One lane: whenever it looks different, its part of the page is fetched again.
import { follow } from "./stream.js";

const lane = document.getElementById("lane");
let waiting = 0;
let first = true;
follow(lane.dataset.position, lane.dataset.lane, () => {
  if (first) { first = false; return; }
  clearTimeout(waiting);
  waiting = setTimeout(() => htmx.trigger(lane, "changed"), 30);
});

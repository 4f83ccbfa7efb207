// One lane: whenever it looks different, its part of the page is fetched again.  htmx keeps one request on its way
// and the last one that was asked for meanwhile, so a burst costs two.
import { keepPlace } from "./keep.js";
import { follow } from "./stream.js";

const lane = document.getElementById("lane");
keepPlace(lane);
const fetchAgain = () => htmx.trigger(lane, "changed");
follow({ position: lane.dataset.position, lane: lane.dataset.lane }, fetchAgain, fetchAgain);

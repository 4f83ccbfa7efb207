// The wall: tiles filled from the stream, kept in the order of who needs a person first.
import { jump } from "./jump.js";
import { tick } from "./page.js";
import { reloadAtQuietHour } from "./quiet.js";
import { follow } from "./stream.js";
import { fill, fitted, sizeOf } from "./tiles.js";

const wall = document.getElementById("wall");
const template = document.getElementById("tile");
const tiles = new Map();

function adopt(tile) {
  tiles.set(tile.dataset.lane, tile);
  fitted(tile);
}

function sort() {
  const wanted = [...tiles.values()].sort((a, b) => (a.dataset.order < b.dataset.order ? -1 : 1));
  const focused = document.activeElement;
  wanted.forEach((tile, index) => {
    if (wall.children[index] !== tile) wall.insertBefore(tile, wall.children[index] ?? null);
  });
  if (focused && focused !== document.activeElement) focused.focus();
}

let drawing = 0;
let unsorted = false;
function drawSoon(moved) {
  unsorted ||= moved;
  drawing ||= requestAnimationFrame(() => {
    drawing = 0;
    if (unsorted) { unsorted = false; sort(); }
    tick();
  });
}

function show(lane) {
  if (lane.lane === "_site") return;
  let tile = tiles.get(lane.lane);
  const isNew = !tile;
  if (isNew) {
    tile = template.content.firstElementChild.cloneNode(true);
    wall.append(tile);
    document.getElementById("empty")?.remove();
  }
  const moved = fill(tile, lane, wall.dataset);
  if (isNew) {
    tiles.set(lane.lane, tile);
    wall.dataset.size = sizeOf(tiles.size);
  }
  drawSoon(moved || isNew);
}

// The stream could not go on where it was: what is shown may be of another history.
async function snapshot() {
  const answer = await fetch("/api/v1/lanes");
  if (!answer.ok) throw new Error(`no snapshot: ${answer.status}`);
  const said = await answer.json();
  const known = new Set(said.lanes.map((lane) => lane.lane));
  for (const [name, tile] of tiles) if (!known.has(name)) { tile.remove(); tiles.delete(name); }
  said.lanes.forEach(show);
  wall.dataset.size = sizeOf(tiles.size);
}

for (const tile of wall.children) adopt(tile);
follow({ position: wall.dataset.position, wall: true }, show, snapshot);
jump(wall, document.getElementById("jump"), tiles);
reloadAtQuietHour(wall.dataset.reloadAt);

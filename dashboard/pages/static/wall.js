// The wall: tiles filled from the stream, kept in the order of who needs a person first.
import { follow } from "./stream.js";
import { tick } from "./page.js";

const wall = document.getElementById("wall");
const template = document.getElementById("tile");

function texts(list) { return list.map((one) => one.text).join("; "); }

function fill(tile, lane) {
  const set = (name, text) => {
    const element = tile.querySelector(`[data-f="${name}"]`);
    if (element.textContent !== text) element.textContent = text;
  };
  const passage = lane.passage;
  tile.className = `tile ${lane.tone}`;
  tile.dataset.lane = lane.lane;
  tile.dataset.live = String(lane.live);
  tile.dataset.order = order(lane);
  const link = tile.querySelector(".open");
  link.href = `/lanes/${lane.lane}`;
  link.setAttribute("aria-label", `${lane.lane}: ${lane.situation.text}`);
  tile.querySelector(".name").textContent = lane.lane;
  const gate = tile.querySelector(".gate");
  gate.dataset.arm = lane.arm.code;
  gate.dataset.lamp = lane.lamp?.code ?? "";
  set("arm", lane.arm.text);
  tile.querySelector('[data-f="shape"]').setAttribute("href", `/static/shapes.svg#${lane.situation.code}`);
  set("situation", lane.situation.text);
  tile.querySelector('[data-f="since"]').dataset.since = passage?.since.at ?? lane.heard?.at ?? "";
  set("plate", passage?.plates.join(" / ") ?? "");
  set("weight", passage?.weight ?? "");
  set("why", passage ? texts(passage.reasons) : "");
  set("bad", lane.devices_bad.map((one) => `${one.device}: ${(one.reason ?? one.health).text}`).join("; "));
  set("alarms", lane.alarms.map((one) => one.kind.text).join("; "));
  const mode = [lane.profile?.text, lane.mode?.text, lane.shift ?? wall.dataset.nobody];
  set("mode", mode.filter(Boolean).join(" · "));
  set("more", [lane.waiting && wall.dataset.waits, lane.behind && wall.dataset.behind].filter(Boolean).join(" "));
}

function order(lane) { return [lane.rank, lane.passage?.since.at ?? "9", lane.lane].join(" "); }

function sort() {
  const tiles = [...wall.children];
  const wanted = tiles.toSorted((a, b) => (a.dataset.order < b.dataset.order ? -1 : 1));
  const focused = document.activeElement;
  wanted.forEach((tile, index) => { if (wall.children[index] !== tile) wall.insertBefore(tile, wall.children[index]); });
  if (focused && focused !== document.activeElement) focused.focus();
}

function size() {
  const count = wall.children.length;
  const sizes = { one: 1, few: 4, six: 6, some: 12, more: 20, many: 40 };
  wall.dataset.size = Object.keys(sizes).find((name) => count <= sizes[name]) ?? "crowd";
}

const alarms = new Map([["_site", Number(wall.dataset.unseen)]]);
for (const tile of wall.children) alarms.set(tile.dataset.lane, Number(tile.dataset.unseen));

function countAlarms(lane, list) {
  alarms.set(lane, list);
  const unseen = [...alarms.values()].reduce((sum, count) => sum + count, 0);
  const badge = document.getElementById("unseen");
  badge.textContent = unseen || "";
  badge.classList.toggle("loud", unseen > 0);
}

size();

let sorting = 0;
follow(wall.dataset.position, null, (lane) => {
  if (lane.lane === "_site") return countAlarms("_site", lane.unseen);
  let tile = wall.querySelector(`[data-lane="${CSS.escape(lane.lane)}"]`);
  if (!tile) {
    tile = template.content.firstElementChild.cloneNode(true);
    wall.append(tile);
    document.getElementById("empty")?.remove();
    size();
  }
  fill(tile, lane);
  countAlarms(lane.lane, lane.alarms.filter((one) => one.announced).length);
  cancelAnimationFrame(sorting);
  sorting = requestAnimationFrame(() => { sort(); tick(); });
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, select")) return;
  const links = [...wall.querySelectorAll(".open")];
  if (/^[1-9]$/.test(event.key)) return links[Number(event.key) - 1]?.click();
  const columns = getComputedStyle(wall).gridTemplateColumns.split(" ").length;
  const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
  if (!(event.key in steps)) return;
  event.preventDefault();
  const at = links.indexOf(document.activeElement);
  links[at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + steps[event.key]))]?.focus();
});

// A wall runs for months: at a quiet hour it starts afresh.
setTimeout(() => {
  const quiet = setInterval(() => {
    if (!document.querySelector(".tile.alarm, .tile.attention")) { clearInterval(quiet); location.reload(); }
  }, 60000);
}, 24 * 3600 * 1000);

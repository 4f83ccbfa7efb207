// A tile's fields from a lane's JSON.  The same elements are used for months: only what differs is touched.
const parts = new WeakMap();
const sizes = { one: 1, few: 4, six: 6, some: 12, more: 20, thirty: 30, many: 42 };

function partsOf(tile) {
  if (!parts.has(tile)) {
    const found = {};
    for (const element of tile.querySelectorAll("[class]")) found[element.classList[0]] ??= element;
    for (const element of tile.querySelectorAll("[data-f]")) found[element.dataset.f] = element;
    for (const name of ["arm", "plate", "weight", "bad"]) found[`${name}_at`] = found[name].nextElementSibling;
    // The tile's words are its link's name: one that changes each second would be read out each second.
    for (const clock of tile.querySelectorAll("time")) clock.ariaHidden = "true";
    parts.set(tile, found);
  }
  return parts.get(tile);
}

function data(element, name, value) {
  if (element.dataset[name] !== value) element.dataset[name] = value;
}

function attribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

function text(element, value) {
  // The text node stays and says something else.
  const node = element.firstChild;
  if (!node) { if (value) element.textContent = value; } else if (node.data !== value) node.data = value;
}

// Long words are made narrow, not small: what is read from afar is their height.
function fit(element, length, most) {
  data(element, "fit", length <= most ? "s" : length <= 1.3 * most ? "m" : length <= 1.65 * most ? "l" : "xl");
}

/** Narrows what is too long for its tile; `fill` does it for what it fills. */
export function fitted(tile) {
  const p = partsOf(tile);
  fit(p.name, p.name.textContent.length, 8);
  fit(p.situation, p.situation.textContent.length, 9);
  fit(p.calls, p.calls.textContent.length, 9);
  data(p.number, "digits", String(p.number.textContent.length));
}

export function sizeOf(count) { return Object.keys(sizes).find((name) => count <= sizes[name]) ?? "crowd"; }

/** Fills a tile; whether it must stand elsewhere now. */
export function fill(tile, lane, words) {
  const p = partsOf(tile);
  const passage = lane.passage;
  const kind = `tile ${lane.tone}`;
  if (tile.className !== kind) tile.className = kind;
  data(tile, "lane", lane.lane);
  data(tile, "live", String(lane.live));
  data(tile, "stale", lane.stale.join(" "));
  const moved = tile.dataset.order !== lane.order;
  data(tile, "order", lane.order);
  attribute(p.open, "href", `/lanes/${lane.lane}`);
  text(p.kind, lane.kind);
  text(p.number, lane.number);
  data(p.gate, "arm", lane.arm.code);
  data(p.gate, "lamp", lane.lamp?.code ?? "");
  text(p.arm, lane.arm.text);
  attribute(p.shape, "href", `/static/shapes.svg#${lane.shape}`);
  text(p.situation, lane.situation.text);
  text(p.state, lane.situation.text);
  text(p.calls, lane.alarms.filter((one) => one.announced).map((one) => one.kind.text).join("; "));
  data(p.since, "since", lane.since?.at ?? "");
  data(p.since, "lateS", passage && lane.usual ? String(lane.usual.p90_s) : "");
  text(p.usual, passage && lane.usual ? lane.usual.text : "");
  text(p.plate, passage?.plates.join(" / ") ?? "");
  text(p.weight, passage?.weight ?? "");
  text(p.why, passage?.reasons.map((one) => one.text).join("; ") ?? "");
  text(p.alarms, lane.alarms.map((one) => one.kind.text).join("; "));
  text(p.bad, lane.devices_bad.map((one) => `${one.device}: ${(one.reason ?? one.health).text}`).join("; "));
  data(p.arm_at, "since", lane.arm_at?.at ?? "");
  data(p.plate_at, "since", passage?.plates_at?.at ?? "");
  data(p.weight_at, "since", passage?.weight_at?.at ?? "");
  data(p.bad_at, "since", lane.devices_bad.find((one) => one.heard)?.heard.at ?? "");
  text(p.mode, [lane.profile?.text, lane.mode?.text, lane.shift ?? words.nobody].filter(Boolean).join(" · "));
  text(p.more, [lane.waiting && words.waits, lane.behind && words.behind].filter(Boolean).join(" "));
  fitted(tile);
  return moved;
}

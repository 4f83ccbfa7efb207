// The alarms' sound: soft notes, by priority, again and again at a pace that a person can bear until somebody has
// acknowledged.  The server says what sounds for this user; a flood's lesser alarms are one sound.
import { isOff, keyOf } from "./page.js";
import { keepOpen } from "./stream.js";

const REPEAT = { high: 6000, medium: 20000, low: 60000 };
const NOTES = { high: [659, 523, 659], medium: [523, 440], low: [440] };
const ORDER = ["high", "medium", "low"];
const LOOK = 10000;
const SILENCED = "borderlane-silenced";

const strip = document.getElementById("sound");
const volume = Number(document.body.dataset.volume ?? 0) / 100;
let context = null;
let sounding = [];
let silenced = new Set(JSON.parse(localStorage.getItem(SILENCED) ?? "[]"));
let last = { at: 0, priority: "" };
let mine = false;
let claimed = false;
let looking = 0;

function audible() { return sounding.filter((one) => !silenced.has(one.id)); }

function worst() { return ORDER.find((priority) => audible().some((one) => one.priority === priority)); }

function withheld() { return volume > 0 && (context === null || context.state !== "running"); }

function note(frequency, at, length) {
  const tone = context.createOscillator();
  const gain = context.createGain();
  tone.type = "sine";
  tone.frequency.value = frequency;
  // Rises and falls slowly: no click, no shriek.
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(0.5 * volume, at + 0.06);
  gain.gain.exponentialRampToValueAtTime(0.001, at + length);
  tone.connect(gain).connect(context.destination);
  tone.start(at);
  tone.stop(at + length);
}

function play(priority) {
  NOTES[priority].forEach((frequency, number) => note(frequency, context.currentTime + 0.02 + 0.28 * number, 0.5));
  last = { at: Date.now(), priority };
  document.body.dataset.sounded = String(Number(document.body.dataset.sounded ?? 0) + 1);
}

// One window of this browser sounds, not each.
function claim() {
  if (claimed) return;
  claimed = true;
  if (!navigator.locks) { mine = true; return; }
  navigator.locks.request("borderlane-sound", () => {
    mine = true;
    keepOpen();
    return new Promise(() => {});
  });
}

function show() {
  const calls = audible().length > 0;
  strip.hidden = !(withheld() || calls);
  strip.querySelector("[data-sound=withheld]").hidden = !withheld();
  strip.querySelector("[data-sound=silence]").hidden = withheld() || !calls;
}

function tick() {
  const priority = worst();
  if (priority && volume > 0 && mine && !withheld()) {
    const louder = ORDER.indexOf(priority) < ORDER.indexOf(last.priority);
    if (louder || Date.now() - last.at >= REPEAT[priority]) play(priority);
  } else if (!priority) {
    last = { at: 0, priority: "" };
  }
  show();
}

async function look() {
  clearTimeout(looking);
  looking = setTimeout(look, LOOK);
  try {
    const answer = await fetch("/api/v1/alarms/sounding");
    if (!answer.ok) return;
    const said = await answer.json();
    const before = new Set(sounding.map((one) => one.id));
    sounding = said.sounding;
    // What is over is forgotten: the same name never comes again.
    const names = new Set(sounding.map((one) => one.id));
    silenced = new Set([...silenced].filter((id) => names.has(id)));
    if (sounding.some((one) => !before.has(one.id) && !silenced.has(one.id))) last = { at: 0, priority: "" };
    tick();
  } catch { /* The strip about the connection says it. */ }
}

export function silence() {
  silenced = new Set(sounding.map((one) => one.id));
  localStorage.setItem(SILENCED, JSON.stringify([...silenced]));
  show();
}

async function allow() {
  if (volume === 0) return;
  context ??= new AudioContext();
  await context.resume();
  if (context.state === "running") claim();
  tick();
}

// A browser that knows the user lets it sound at once; else the first touch of the page does.  A file without a sound
// is asked first: a context that may not start complains in the console.
new Audio("/static/silence.wav").play().then(allow, show);
for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, allow, { capture: true });
strip.querySelector("[data-sound=allow]").addEventListener("click", allow);
strip.querySelector("[data-sound=hush]").addEventListener("click", silence);
window.addEventListener("storage", (event) => {
  if (event.key === SILENCED) { silenced = new Set(JSON.parse(event.newValue ?? "[]")); show(); }
});
document.addEventListener("keydown", (event) => {
  if (keyOf(event) !== "x" || event.ctrlKey || event.altKey || event.metaKey || isOff(event)) return;
  if (!event.target.closest("input, select, textarea")) silence();
});
document.addEventListener("alarms-changed", () => { clearTimeout(looking); looking = setTimeout(look, 150); });
look();
setInterval(tick, 1000);

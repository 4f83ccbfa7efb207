// One stream a page.  The server numbers it; the browser resumes by itself with Last-Event-ID.
import { setNow } from "./page.js";

const SILENT_MS = 25000;
const AGAIN_MS = 3000;
const strip = document.getElementById("connection");
const brokerLost = strip.querySelector("span").textContent;
const listeners = { alarms: [] };
let heard = performance.now();
let broker = strip.hidden;
let opened = false;
let kept = false;

export function isLive() { return broker && performance.now() - heard <= SILENT_MS; }

function show() {
  const silent = performance.now() - heard > SILENT_MS;
  const text = silent ? document.body.dataset.lost : brokerLost;
  const words = strip.querySelector("span");
  if (words.textContent !== text) words.textContent = text;
  strip.hidden = broker && !silent;
  document.body.classList.toggle("old", silent || !broker);
}
setInterval(show, 2000);

/** Calls `handle` with the alarms that nobody has seen, whenever they are others. */
export function onAlarms(handle) { listeners.alarms.push(handle); }

/** Follows on while the page is hidden: it is the one of this browser that sounds. */
export function keepOpen() { kept = true; document.dispatchEvent(new Event("visibilitychange")); }

/** Whether this page follows the lanes. */
export function isOpen() { return opened; }

/** Follows the lanes.  `query`: `position`, and `lane` for one lane in full, or `_site` for none; `wall` for a wall.
 *  `onLane` gets each changed view; `onGap` fetches everything anew. */
export function follow(query, onLane, onGap = () => {}) {
  opened = true;
  let last = query.position ?? "";
  let gap = false;
  const calling = new Map();
  let source = null;
  let waiting = 0;
  let greeted = false;

  // A browser opens six connections to a server (HTTP/1.1), whatever the number of its tabs: those that nobody sees
  // give theirs back, and go on where they were.
  function consider() {
    if (!kept && document.visibilityState === "hidden") {
      source?.close();
      source = null;
    } else if (source === null) {
      open();
    }
  }

  async function fill() {
    try { await onGap(); gap = false; } catch { setTimeout(fill, AGAIN_MS); }
  }

  // The browser gives up on a refused stream: a proxy says 502 while the server starts, the session may be over.
  async function again() {
    if (source !== null) return;
    try {
      const answer = await fetch("/api/v1/alarms");
      if (answer.status === 401) return location.assign("/sign-in");
      if (answer.ok) return consider();
    } catch { /* not there yet */ }
    againSoon();
  }

  // One try waits, however often the page was left and shown again meanwhile.
  function againSoon() {
    clearTimeout(waiting);
    waiting = setTimeout(again, AGAIN_MS);
  }

  function open() {
    source = new EventSource(`/api/v1/stream?${new URLSearchParams({ ...query, position: last })}`);
    const on = (name, handle) => source.addEventListener(name, (event) => {
      heard = performance.now();
      if (event.lastEventId) last = event.lastEventId;
      handle(JSON.parse(event.data));
      show();
    });
    on("hello", (said) => {
      setNow(said.now);
      // A request that was answered while nothing was heard is told by nothing.
      if (greeted) document.dispatchEvent(new CustomEvent("requests"));
      greeted = true;
      // A number the store does not know (it was restored): what is on the page may be of another history.
      if (!said.resumed && !gap) { gap = true; fill(); }
    });
    on("site", (said) => { broker = said.connected; });
    on("beat", (said) => setNow(said.now));
    on("alarms", (said) => {
      document.dispatchEvent(new Event("alarms-changed"));
      for (const handle of listeners.alarms) handle(said);
    });
    on("requests", (said) => document.dispatchEvent(new CustomEvent("requests", { detail: said })));
    on("second_line", () => document.dispatchEvent(new Event("second-line")));
    on("signed_out", () => { source.close(); location.assign("/sign-in"); });
    on("lane", (said) => {
      const { lane: name, alarms = [] } = said.tile ?? said;
      const text = JSON.stringify(alarms.map((one) => [one.alarm, one.acknowledged_by, one.announced]));
      if ((calling.get(name) ?? "[]") !== text) document.dispatchEvent(new Event("alarms-changed"));
      calling.set(name, text);
      onLane(said);
    });
    source.onerror = () => {
      if (source?.readyState !== EventSource.CLOSED) return;
      source = null;
      againSoon();
    };
  }
  document.addEventListener("visibilitychange", consider);
  consider();
}

// One stream a page. The server numbers it; the browser resumes by itself with Last-Event-ID.
const strip = document.getElementById("connection");
const brokerLost = strip.querySelector("span").textContent;
let heard = Date.now();
let broker = strip.hidden;

function show() {
  const silent = Date.now() - heard > 25000;
  strip.querySelector("span").textContent = silent ? document.body.dataset.lost : brokerLost;
  strip.hidden = broker && !silent;
  document.body.classList.toggle("old", silent || !broker);
}
setInterval(show, 2000);

let open = false;

/** Whether this page has its stream. */
export function isOpen() { return open; }

/** Follows the lanes: `onLane` gets each changed view. `lane` narrows to one, which then comes in full. */
export function follow(position, lane, onLane) {
  const query = new URLSearchParams({ position });
  if (lane) query.set("lane", lane);
  open = true;
  const source = new EventSource(`/api/v1/stream?${query}`);
  const on = (name, handle) => source.addEventListener(name, (event) => {
    heard = Date.now();
    handle(JSON.parse(event.data));
    show();
  });
  // A number the store does not know (it was restored): what is on the page may be of another history.
  on("hello", (said) => { if (!said.resumed) location.reload(); });
  on("site", (said) => { broker = said.connected; });
  on("beat", () => {});
  on("signed_out", () => { source.close(); location.assign("/sign-in"); });
  on("requests", (said) => document.dispatchEvent(new CustomEvent("requests", { detail: said })));
  const alarms = new Map();
  on("lane", (said) => {
    const list = (said.tile ?? said).alarms ?? [];
    const text = JSON.stringify(list.map((one) => [one.alarm, one.acknowledged_by, one.announced]));
    const name = (said.tile ?? said).lane;
    if ((alarms.get(name) ?? "[]") !== text) document.dispatchEvent(new Event("alarms-changed"));
    alarms.set(name, text);
    onLane(said);
  });
  source.onerror = () => {
    // A refused stream is not tried again by the browser: the session may be over.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 5000);
  };
  return source;
}

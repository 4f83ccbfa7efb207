// The alarms that nobody has seen, at the foot of every page.
import { tick } from "./page.js";
import { onAlarms } from "./stream.js";

const strip = document.getElementById("alarm-strip");
const list = strip.querySelector("ol");
const status = strip.querySelector("[role=status]");
const badge = document.getElementById("unseen");
const SVG = "http://www.w3.org/2000/svg";

function element(name, options) { return Object.assign(document.createElement(name), options); }

function line(alarm) {
  const item = element("li", { className: alarm.priority.code });
  const shape = document.createElementNS(SVG, "svg");
  shape.classList.add("shape");
  shape.setAttribute("aria-hidden", "true");
  shape.append(document.createElementNS(SVG, "use"));
  shape.firstChild.setAttribute("href", `/static/shapes.svg#${alarm.priority.code}`);
  const lane = alarm.lane_url
    ? element("a", { className: "lane", href: alarm.lane_url, textContent: alarm.lane })
    : element("span", { className: "lane", textContent: strip.dataset.site });
  const kind = element("a", { className: "alarm", href: alarm.alarm_url, textContent: alarm.kind.text });
  const age = element("time", { className: "age" });
  age.dataset.since = alarm.since.at;
  age.setAttribute("aria-hidden", "true");
  item.append(shape, " ", lane, " ", kind, " ", age);
  return item;
}

let before = "";
onAlarms((said) => {
  badge.textContent = said.unseen || "";
  badge.classList.toggle("loud", said.unseen > 0);
  strip.querySelector(".unseen").textContent = said.unseen;
  const first = said.alarms[0];
  strip.className = `alarm-strip ${first?.priority.code ?? ""}`;
  strip.hidden = !first;
  const now = JSON.stringify(said.alarms.map((one) => [one.lane, one.alarm, one.since.at]));
  if (now === before) return;
  before = now;
  const focused = list.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  list.replaceChildren(...said.alarms.map(line));
  if (focused) (list.querySelector(`[href="${CSS.escape(focused)}"]`) ?? strip.querySelector(".all")).focus();
  status.textContent = first ? `${first.kind.text}: ${first.lane_url ? first.lane : strip.dataset.site}` : "";
  tick();
});

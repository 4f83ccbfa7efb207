// From the keyboard to any lane: its number, or `/` and the first letters of its name; arrows go from tile to tile.
import { keyOf, mayUseKeys } from "./page.js";

const WAIT_MS = 900;
// The rest of a name that was known before it was typed out must not be a key of this page or the next.
const REST_MS = 1500;

function step(links, key) {
  const at = links.indexOf(document.activeElement);
  if (at < 0) return links[0];
  if (key === "ArrowRight") return links[at + 1];
  if (key === "ArrowLeft") return links[at - 1];
  const from = links[at].getBoundingClientRect();
  const down = key === "ArrowDown";
  let best = null;
  for (const link of links) {
    const to = link.getBoundingClientRect();
    const rows = down ? to.top - from.bottom : from.top - to.bottom;
    if (rows < -2) continue;
    const far = rows * 100 + Math.abs((to.left + to.right) / 2 - (from.left + from.right) / 2);
    if (!best || far < best.far) best = { link, far };
  }
  return best?.link;
}

export function jump(wall, output, tiles) {
  let typed = "";
  let letters = false;
  let waiting = 0;
  let leftAt = -Infinity;

  const standing = () => [...tiles].sort(([, a], [, b]) => (a.dataset.order < b.dataset.order ? -1 : 1));
  const numbered = (digits) => standing().filter(([lane]) => lane.match(/(\d+)$/)?.[1].replace(/^0+(?=.)/, "") === digits);
  const longer = (digits) => [...tiles].some(([lane]) => {
    const number = lane.match(/(\d+)$/)?.[1].replace(/^0+(?=.)/, "") ?? "";
    return number.startsWith(digits) && number !== digits;
  });
  const named = (text) => standing().filter(([lane]) => lane.startsWith(text));

  function end() {
    clearTimeout(waiting);
    typed = "";
    letters = false;
    output.hidden = true;
  }

  function open([, tile]) {
    end();
    leftAt = performance.now();
    tile.querySelector(".open").click();
  }

  function offer(found) {
    output.hidden = false;
    const names = found.slice(0, 8).map(([lane]) => lane).join("  ");
    output.textContent = `${letters ? "/" : ""}${typed}  ${names || output.dataset.none}`;
    found[0]?.[1].querySelector(".open").focus();
  }

  function look() {
    clearTimeout(waiting);
    const found = letters ? named(typed) : numbered(typed);
    if (found.length === 1 && (letters || !longer(typed))) return open(found[0]);
    offer(letters || found.length ? found : standing().filter(([lane]) => lane.match(/(\d+)$/)?.[1].startsWith(typed)));
    // A longer number may be meant; several lanes of one number are left to Enter and the arrows.
    if (!letters) waiting = setTimeout(() => (found.length === 1 ? open(found[0]) : end()), found.length > 1 ? 5000 : WAIT_MS);
  }

  document.addEventListener("keydown", (event) => {
    if (!mayUseKeys(event)) return;
    const key = keyOf(event);
    if (performance.now() - leftAt < REST_MS) {
      event.preventDefault();
      return event.stopImmediatePropagation();
    }
    if (letters && /^[a-z0-9_-]$/.test(key)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      typed += key;
      return look();
    }
    if (key === "Escape" && !output.hidden) { event.stopImmediatePropagation(); return end(); }
    if (key === "Backspace" && typed) { typed = typed.slice(0, -1); return typed ? look() : end(); }
    if (key === "/") { event.preventDefault(); end(); letters = true; return offer([]); }
    if (/^[0-9]$/.test(key) && !(typed === "" && key === "0")) { typed += key; return look(); }
    if (key === "Enter") return end();
    if (!key.startsWith("Arrow")) return;
    event.preventDefault();
    clearTimeout(waiting);
    step([...wall.querySelectorAll(".open")], key)?.focus();
  }, { capture: true });
}

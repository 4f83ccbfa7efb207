// What a person meets on a page; `looking.py` asks.  Each function returns complaints, one a string.
window.looking = (() => {
  const outer = (one) => one.outerHTML.slice(0, 120);
  const scrolls = (one) => /auto|scroll/.test(getComputedStyle(one).overflowX);

  // Each piece of text that is shown, with the boxes that its lines take.
  function* words() {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      const unseen = element.closest("template, script, style, option, .hidden, .skip, svg");
      if (!node.textContent.trim() || unseen) continue;
      if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      yield [node, element, [...range.getClientRects()]];
    }
  }

  // Where there is no room for everything, and what has none is left out whole or ends in an ellipsis.
  const TIGHT = ".tile .open, .alarm-strip ol";

  // The lines that a box lets be seen at all; they end with its ellipsis if it has one.
  function inSight(lines, style, box) {
    if (style.overflowX === "visible" && style.overflowY === "visible") return lines;
    const ends = style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none";
    return lines
      .filter((line) => line.left < box.right - 1 && line.top < box.bottom - 1 && line.bottom > box.top + 1)
      .map((line) => (!ends ? line : { left: line.left, top: line.top,
        right: Math.min(line.right, box.right), bottom: Math.min(line.bottom, box.bottom) }));
  }

  // Text that is cut off, runs over the edge of its box, or out of the page.
  function clipped(but) {
    const found = new Set();
    const page = document.documentElement;
    for (const [node, element, lines] of words()) {
      if (but && element.closest(but)) continue;
      const say = (what) => found.add(`${what}: ${node.textContent.trim().slice(0, 80)} in ${outer(element)}`);
      const hides = getComputedStyle(element).overflowX !== "visible" && !scrolls(element);
      const tight = element.closest(TIGHT);
      if (!tight && hides && element.scrollWidth > element.clientWidth + 1) { say("cut"); continue; }
      let shown = lines, around = element, right, left, bottom;
      for (; around && around !== page && !scrolls(around); around = around.parentElement) {
        const style = getComputedStyle(around), box = around.getBoundingClientRect();
        if (tight) shown = inSight(shown, style, box);
        if (!shown.length) break;
        right = Math.max(...shown.map((line) => line.right));
        left = Math.min(...shown.map((line) => line.left));
        bottom = Math.max(...shown.map((line) => line.bottom));
        if (style.overflowX !== "visible" && right > box.right + 1) { say("cut at the right"); break; }
        if (style.overflowY !== "visible" && bottom > box.bottom + 2) { say("cut below"); break; }
        if (tight && style.overflowY !== "visible" && shown.some((line) => line.top < box.top - 2)) { say("cut above"); break; }
        // A box that is drawn: text over its edge looks broken even where nothing cuts it.
        const drawn = parseFloat(style.borderRightWidth) > 0;
        if (drawn && (right > box.right + 1 || left < box.left - 1)) { say("over the edge"); break; }
      }
      if (around === page && right > page.clientWidth + 1) say("outside the page");
    }
    return [...found];
  }

  // What is clicked or reached by Tab, in the open dialog or on the page.
  function targets() {
    const wanted = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
    const within = document.querySelector("dialog[open]") ?? document.body;
    return [...within.querySelectorAll(wanted)].filter((one) => {
      if (one.closest("template, .skip") || one.hidden || one.disabled) return false;
      const box = one.getBoundingClientRect();
      return one.checkVisibility({ visibilityProperty: true }) && box.width && box.height;
    });
  }

  // WCAG 2.5.8: 24 by 24 pixels, but for links in a sentence.
  function smallTargets() {
    const found = [];
    for (const one of targets()) {
      const box = one.getBoundingClientRect();
      if (box.width >= 23.5 && box.height >= 23.5) continue;
      if (one.closest("label")?.getBoundingClientRect().height >= 23.5) continue;
      const beside = [...one.parentElement.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
      const inline = one.tagName === "A" && getComputedStyle(one).display === "inline" && beside;
      if (!inline) found.push(`${Math.round(box.width)} x ${Math.round(box.height)}: ${outer(one)}`);
    }
    return found;
  }

  // WCAG 1.4.10: nothing scrolls to the side but regions that say what they are and that Tab reaches.
  function tooWide() {
    const found = [];
    const page = document.documentElement;
    if (page.scrollWidth > page.clientWidth) {
      const far = [...document.body.querySelectorAll("*")].filter(
        (one) => one.checkVisibility() && one.getBoundingClientRect().right > page.clientWidth + 1
          && !one.closest("[role=region]"));
      found.push(`${page.scrollWidth - page.clientWidth} px too wide: ${far.slice(-3).map(outer).join(" | ")}`);
    }
    for (const one of document.body.querySelectorAll("*")) {
      if (!scrolls(one) || one.scrollWidth <= one.clientWidth + 1 || !one.checkVisibility()) continue;
      const named = one.getAttribute("aria-label") || one.getAttribute("aria-labelledby");
      if (one.getAttribute("role") !== "region" || !named || one.tabIndex !== 0)
        found.push(`scrolls and is no labelled region: ${outer(one)}`);
    }
    return found;
  }

  // Where the focus is: how manieth place of the walk, whether it is seen, and whether something lies over all of it
  // (WCAG 2.4.11).
  let visits = 0;
  function focus() {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const style = getComputedStyle(one), box = one.getBoundingClientRect();
    const own = (top) => top && (one.contains(top) || top.contains(one) || one.labels?.[0]?.contains(top));
    const across = [0.5, 0.1, 0.9], seen = [];
    for (const right of across) for (const down of across)
      seen.push(own(document.elementFromPoint(box.left + box.width * right, box.top + box.height * down)));
    one.dataset.visit ??= String(++visits);
    const outlined = style.outlineStyle === "auto"
      || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
    return {
      visit: Number(one.dataset.visit),
      html: outer(one),
      seen: outlined,
      covered: !seen.some(Boolean),
    };
  }

  // After the walk: what came before what stands above it (once around is right), and what was left out.
  function walked(begunInside) {
    const visited = [...document.querySelectorAll("[data-visit]")];
    const early = visited.filter((one, at) => at && Number(one.dataset.visit) < Number(visited[at - 1].dataset.visit));
    const missed = targets().filter((one) => !("visit" in one.dataset) && one.tabIndex >= 0 && one.type !== "radio");
    return [
      ...early.slice(begunInside ? 1 : 0).map((one) => `focus comes too early: ${outer(one)}`),
      ...missed.map((one) => `not reached by Tab: ${outer(one)}`),
    ];
  }

  // Every text of the page: what is read, and what is read out.
  function said() {
    const found = new Set(document.querySelector("main[lang]") ? [] : [document.title]);
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode())
      // A part in a language of its own is said by other means.
      if (!node.parentElement.closest("script, style, body [lang]")) found.add(node.textContent.trim());
    const spoken = ["aria-label", "title", "alt", "placeholder", "aria-description"];
    for (const one of document.querySelectorAll("*")) {
      for (const name of spoken) if (one.hasAttribute(name)) found.add(one.getAttribute(name));
      // Words that scripts put in later lie in data attributes as whole sentences.
      for (const text of Object.values(one.dataset)) if (/\p{L} \p{L}/u.test(text)) found.add(text);
    }
    return [...found];
  }

  return { clipped, smallTargets, tooWide, focus, walked, said };
})();

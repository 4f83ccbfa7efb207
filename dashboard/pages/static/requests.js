// Requests for a second person come with the page's stream; a page that has none opens a narrow one for them.
import { follow, isOpen } from "./stream.js";

const part = document.getElementById("requests");
document.addEventListener("requests", () => htmx.ajax("GET", "/requests", { target: part, swap: "innerHTML" }));
setTimeout(() => { if (!isOpen()) follow({ lane: "_site" }, () => {}); });

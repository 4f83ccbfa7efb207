// A live picture: each still is asked for when the one before is there, until the dashboard says that it is over.
const AGAIN_MS = 3000;

function begin(view) {
  let shown = view.querySelector("[data-still]");
  if (!shown) return;
  const { still, after } = shown.dataset;
  const left = view.querySelector("[data-left]");
  const late = view.querySelector(".late");
  const until = Date.now() + Number(left.dataset.left) * 1000;
  let number = 0;
  let came = Date.now();
  // What became of it is shown in its place: the last still must not stand for ever, with or without an answer.
  const end = () => {
    if (!shown.isConnected) return;
    htmx.ajax("GET", after, { target: view, swap: "innerHTML" }).then(
      () => { if (shown.isConnected) view.replaceChildren(); },
      () => setTimeout(end, AGAIN_MS),
    );
  };
  // A picture that has loaded takes the place of the one before: one that changes its source would go dark.
  const next = () => {
    const coming = new Image();
    coming.className = "still";
    coming.alt = shown.alt;
    coming.addEventListener("load", () => {
      if (!shown.isConnected) return;
      shown.replaceWith(coming);
      shown = coming;
      came = Date.now();
      next();
    });
    coming.addEventListener("error", end);
    coming.src = `${still}?n=${++number}`;
  };
  const tick = () => {
    if (!shown.isConnected) return clearInterval(ticking);
    const silent = Math.floor((Date.now() - came) / 1000);
    left.textContent = Math.max(0, Math.round((until - Date.now()) / 1000));
    late.hidden = silent < 4;
    late.querySelector("span").textContent = silent;
    shown.classList.toggle("old", silent >= 4);
  };
  const ticking = setInterval(tick, 1000);
  next();
}
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "live-view") begin(event.detail.target);
});

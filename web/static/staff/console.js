// What a page gains with JavaScript. Every page works without it, save that live counts then need a reload.

// Not waited for: the keys below work at once.
import(document.querySelector("script[data-govuk]").dataset.govuk).then(({ initAll }) => initAll());

// What came of a form is read out, and its Undo is one Tab away; a page led further down stays there.
document.getElementById("done")?.focus({ preventScroll: true });

// The key "/" leads to the search, unless somebody is writing; who dictates or has a tremor can turn it off.
const NO_SLASH = "no-slash";

function slashIsOff() {
  try {
    return localStorage.getItem(NO_SLASH) !== null;
  } catch {
    return true; // a browser that keeps nothing could not be told so either
  }
}

addEventListener("keydown", (event) => {
  const writing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || writing || slashIsOff()) return;
  event.preventDefault();
  document.getElementById("find")?.select();
});

for (const button of document.querySelectorAll("[data-slash-switch]")) {
  const say = () => (button.textContent = slashIsOff() ? "Turn it on" : "Turn it off");
  button.addEventListener("click", () => {
    if (slashIsOff()) localStorage.removeItem(NO_SLASH);
    else localStorage.setItem(NO_SLASH, "");
    say();
  });
  say();
  button.closest("[data-slash]").hidden = false;
}

const page = document.querySelector("[data-live-url]");
let stream = null;

function show(message) {
  const { texts, say, html } = JSON.parse(message.data);
  for (const [name, text] of Object.entries(texts)) {
    for (const place of document.querySelectorAll(`[data-live="${CSS.escape(name)}"]`)) {
      if (place.textContent === text) continue;
      place.textContent = text;
      place.classList.remove("hl-changed");
      void place.offsetWidth; // begins the animation anew
      place.classList.add("hl-changed");
    }
  }
  if (texts.deeds !== undefined) offer(texts.deeds.split(" "));
  const part = document.querySelector("[data-live-part]");
  if (part && html) redraw(part, html);
  const voice = document.querySelector("[data-live-say]");
  if (voice && say && voice.dataset.said !== say) {
    if (voice.dataset.said) voice.textContent = say; // the first is on the page already
    voice.dataset.said = say;
  }
}

// Buttons for what is possible now. Whoever stands on one that goes is led to the heading, not to nowhere.
function offer(deeds) {
  for (const place of document.querySelectorAll("[data-deed]")) {
    const hidden = !deeds.includes(place.dataset.deed);
    if (hidden && place.contains(document.activeElement)) document.querySelector("h1")?.focus();
    place.hidden = hidden;
  }
}

// Whoever stands on a link of the part stays on it, and what they folded away or opened stays so.
function redraw(part, html) {
  const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
  const folds = [...part.querySelectorAll("details[id]")].map((one) => [one.id, one.open]);
  part.innerHTML = html;
  countDown();
  for (const [id, open] of folds) document.getElementById(id)?.toggleAttribute("open", open);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  for (const link of document.querySelectorAll("[data-leads-to]")) {
    const there = link.dataset.leadsTo;
    if (document.getElementById(there)) link.href = `#${there}`;
    else link.removeAttribute("href");
  }
}

// "at 12:01:30, in 42 seconds". The server says how many seconds are left: the browser's clock may be wrong.
const ends = new WeakMap();

function countDown() {
  for (const place of document.querySelectorAll("[data-countdown]")) {
    if (!ends.has(place)) ends.set(place, performance.now() + 1000 * Number(place.dataset.countdown));
    const left = Math.max(0, Math.round((ends.get(place) - performance.now()) / 1000));
    const words = left < 120 ? `${left} ${left === 1 ? "second" : "seconds"}` : `${Math.round(left / 60)} minutes`;
    place.textContent = left ? `, in ${words}` : ", any moment now";
  }
}

if (document.querySelector("[data-countdown]")) setInterval(countDown, 1000);
countDown();

function mark(state, words) {
  for (const sign of document.querySelectorAll("[data-live-sign]")) {
    sign.dataset.liveSign = state;
    sign.textContent = words;
    sign.hidden = false;
  }
}

function listen() {
  if (stream) return;
  stream = new EventSource(page.dataset.liveUrl);
  stream.onopen = () => mark("on", "Live");
  stream.onmessage = show;
  stream.onerror = () => {
    // A closed stream stays closed: the person was signed out, or the event is gone.
    if (stream?.readyState === EventSource.CLOSED) mark("off", "Not live: reload the page");
    else mark("off", "Connecting");
  };
}

function rest() {
  stream?.close();
  stream = null;
}

// A browser opens few streams to one server, so a page that nobody looks at gives up its own.
if (page) {
  document.addEventListener("visibilitychange", () => (document.hidden ? rest() : listen()));
  addEventListener("pagehide", rest);
  addEventListener("pageshow", listen);
  if (!document.hidden) listen();
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.querySelector(button.dataset.copy);
  if (!navigator.clipboard || !source) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(source.value);
    document.querySelector("[data-copied]").textContent = "Copied";
  });
}

for (const field of document.querySelectorAll("[data-select-all]")) {
  field.addEventListener("focus", () => field.select());
}

// Fields that only matter for some choices, such as the places of an online event.
for (const part of document.querySelectorAll("[data-only-when]")) {
  const [name, values] = part.dataset.onlyWhen.split("=");
  const fit = () => {
    const chosen = document.querySelector(`input[name="${CSS.escape(name)}"]:checked`)?.value ?? "";
    part.hidden = !values.split("|").includes(chosen);
  };
  for (const input of document.querySelectorAll(`input[name="${CSS.escape(name)}"]`)) {
    input.addEventListener("change", fit);
  }
  fit();
}

// A file that is too large is said to be so at once, not after it has travelled for minutes.
for (const field of document.querySelectorAll("input[type=file][data-largest]")) {
  field.addEventListener("change", () => {
    const tooLarge = field.files[0]?.size > Number(field.dataset.largest);
    let said = document.getElementById(`${field.id}-size`);
    if (!said) {
      said = document.createElement("p");
      said.id = `${field.id}-size`;
      said.className = "govuk-error-message";
      said.setAttribute("role", "alert");
      field.before(said);
    }
    said.textContent = tooLarge ? field.dataset.tooLarge : "";
    if (tooLarge) field.value = "";
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

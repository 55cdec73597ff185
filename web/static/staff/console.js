// What a page gains with JavaScript. Every page works without it, save that live counts then need a reload.

const { initAll } = await import(document.querySelector("script[data-govuk]").dataset.govuk);
initAll();

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
  const part = document.querySelector("[data-live-part]");
  if (part && html) redraw(part, html);
  const voice = document.querySelector("[data-live-say]");
  if (voice && say && voice.dataset.said !== say) {
    if (voice.dataset.said) voice.textContent = say; // the first is on the page already
    voice.dataset.said = say;
  }
}

// Whoever stands on a link of the part stays on it.
function redraw(part, html) {
  const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
  const open = [...part.querySelectorAll("details[open][id]")].map((one) => one.id);
  part.innerHTML = html;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

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

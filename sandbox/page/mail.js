// The mail page: reads the list every two seconds and shows one mail at a time.

import { make, shortWhen } from "/page/build.js";

const LOOK_EVERY = 2000;
const list = document.getElementById("mails");
const none = document.getElementById("none");
const reader = document.getElementById("reader");
const search = document.getElementById("search");
const desk = document.querySelector(".post");

const mails = new Map();
const read = new Set();
let latest = 0;
let shown = null;

async function look() {
  const answer = await fetch(`/sandbox/mail?after=${latest}`);
  if (!answer.ok) return;
  const fresh = (await answer.json()).mails;
  for (const mail of fresh) mails.set(mail.number, mail);
  if (!fresh.length) return;
  latest = Math.max(...mails.keys());
  draw();
}

function matches(mail) {
  const words = search.value.trim().toLowerCase();
  return !words || [mail.name, mail.to, mail.subject].some((text) => text.toLowerCase().includes(words));
}

function draw() {
  const wanted = [...mails.values()].filter(matches).sort((one, other) => other.number - one.number);
  none.hidden = mails.size > 0;
  list.replaceChildren(...wanted.map(line));
}

function line(mail) {
  const button = make(
    "button",
    {
      type: "button",
      class: `post-line ${read.has(mail.number) ? "" : "post-unread"}`,
      "aria-current": mail.number === shown ? "true" : "false",
      onclick: () => show(mail.number),
    },
    make("span", { class: "post-who" }, make("span", { dir: "auto" }, mail.name || mail.to), make("time", {}, shortWhen(mail.at))),
    make("span", { class: "post-subject", dir: "auto" }, mail.subject),
  );
  return make("li", {}, button);
}

async function show(number) {
  const answer = await fetch(`/sandbox/mail/${number}`);
  if (!answer.ok) return;
  const mail = await answer.json();
  shown = number;
  read.add(number);
  draw();
  const body = make("div", { class: "reader-body", hidden: true });
  const views = make("div", { class: "reader-views", role: "group", "aria-label": "Show as" });
  const head = make(
    "div",
    { class: "reader-head" },
    make("button", { type: "button", class: "reader-back", onclick: close }, "All mail"),
    make("h2", { dir: "auto" }, mail.subject),
    make("p", { dir: "auto" }, `To ${mail.name} <${mail.to}>`),
    make("p", { dir: "auto" }, `From ${mail.from}`),
    mail.files.length ? make("ul", { class: "reader-files" }, ...mail.files.map((name) => make("li", {}, name))) : null,
    views,
  );
  const frame = () => make("iframe", { title: mail.subject, src: `/sandbox/mail/${number}/body` });
  const words = (text) => make("pre", { dir: "auto", tabindex: "0" }, text);
  const kinds = [["Mail", frame], ["Plain text", () => words(mail.text)]];
  if (mail.calendar) kinds.push(["Calendar part", () => words(mail.calendar)]);
  let current = body;
  const choose = (button, build) => {
    for (const other of views.children) other.setAttribute("aria-pressed", String(other === button));
    const next = build();
    current.replaceWith(next);
    current = next;
  };
  for (const [label, build] of kinds) {
    const button = make("button", { type: "button", "aria-pressed": "false" }, label);
    button.addEventListener("click", () => choose(button, build));
    views.append(button);
  }
  reader.replaceChildren(head, body);
  choose(views.firstChild, frame);
  desk.classList.add("reading");
}

function close() {
  shown = null;
  desk.classList.remove("reading");
  empty();
  draw();
}

function empty() {
  reader.replaceChildren(make("p", { class: "reader-empty" }, "Choose a mail to read it."));
}

search.addEventListener("input", draw);
const person = new URLSearchParams(location.search).get("to");
if (person) search.value = person;
empty();
await look();
setInterval(() => look().catch(() => {}), LOOK_EVERY);

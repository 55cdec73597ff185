// The desk: the list of people beside up to four chats, kept in step with the sandbox.

import { Column } from "/page/column.js";
import { avatar, make } from "/page/build.js";
import { PeopleList } from "/page/people.js";
import * as server from "/page/server.js";

const MOST_COLUMNS = 4;
const COLUMN_WIDTH = 330;
const PEOPLE_WIDTH = 320;

const byId = (id) => document.getElementById(id);
const narrow = window.matchMedia("(max-width: 760px)");
const columnsBox = byId("columns");
const desk = {
  bot: { username: "", first_name: "Hearthline" },
  columns: [],
  close,
  back: () => document.body.classList.remove("reading"),
};

const list = new PeopleList({
  list: byId("people-list"),
  search: byId("search"),
  count: byId("people-count"),
  sorters: [...document.querySelectorAll("[data-sort]")],
  onPick: (id) => open(id),
  onBeside: (id) => open(id, { beside: true }),
});

function room() {
  if (narrow.matches) return 1;
  return Math.max(1, Math.min(MOST_COLUMNS, Math.floor((window.innerWidth - PEOPLE_WIDTH) / COLUMN_WIDTH)));
}

async function open(id, { beside = false, payload = "", quiet = false } = {}) {
  const person = list.people.get(id);
  if (!person) return;
  if (!quiet) document.body.classList.add("reading");
  let column = desk.columns.find((one) => one.id === id);
  if (!column) {
    column = new Column(person, desk);
    if (payload) column.payload = payload;
    place(column, beside);
    await column.load();
  }
  if (payload) column.openLink(payload);
  if (!quiet) (column.text || column.dock.querySelector("button") || column.log).focus({ preventScroll: true });
}

function place(column, beside) {
  const { columns } = desk;
  const full = columns.length >= room();
  if (columns.length && (full || !beside)) columns.pop().element.remove();
  columns.push(column);
  columnsBox.querySelector(".nobody")?.remove();
  columnsBox.append(column.element);
  remember();
}

function close(column) {
  desk.columns = desk.columns.filter((one) => one !== column);
  column.element.remove();
  if (!desk.columns.length) {
    desk.back();
    showNobody();
  }
  remember();
  list.list.querySelector(".person")?.focus();
}

function showNobody() {
  columnsBox.replaceChildren(
    make("div", { class: "nobody" },
      make("img", { src: "/page/icon.svg", alt: "", width: "72", height: "72" }),
      make("h2", {}, "Choose somebody to be"),
      make("p", {}, `Pick a person on the left and talk to ${desk.bot.first_name} as they would. The small window symbol opens a second chat beside the first.`)),
  );
}

// The open chats stand in the address, so that a reload and a bookmark bring them back.
function remember() {
  const ids = desk.columns.map((one) => one.id);
  list.showOpen(ids);
  history.replaceState(null, "", ids.length ? `/#people=${ids.join(",")}` : "/");
}

const wanted = () => (location.hash.match(/people=([\d,]+)/)?.[1] || "").split(",").filter(Boolean).map(Number);

async function restore() {
  const ids = wanted().slice(0, room());
  for (const id of ids) await open(id, { beside: true, quiet: !narrow.matches });
  if (!desk.columns.length) showNobody();
}

// Deep links: /deep/<bot>?start=<code>, as https://t.me/<bot>?start=<code> would be

function deepLink() {
  if (!location.pathname.startsWith("/deep/")) return false;
  const parameters = new URLSearchParams(location.search);
  const payload = parameters.get("start") || "";
  const chosen = Number(parameters.get("user"));
  const dialog = byId("deep-link");
  const search = byId("deep-link-search");
  const choose = (id) => {
    dialog.close();
    open(id, { payload });
  };
  if (list.people.has(chosen)) {
    choose(chosen);
    return true;
  }
  const show = () => {
    const words = search.value.trim().toLowerCase();
    const found = [...list.people.values()].filter((one) => one.name.toLowerCase().includes(words) && !one.deactivated);
    found.sort((a, b) => b.pinned - a.pinned || a.name.localeCompare(b.name));
    byId("deep-link-list").replaceChildren(...found.slice(0, 60).map((one) =>
      make("button", { type: "button", class: "person", onclick: () => choose(one.id) }, avatar(one.name, one.id), make("span", { class: "person-name", dir: "auto" }, one.name))));
  };
  search.addEventListener("input", show);
  byId("deep-link-cancel").addEventListener("click", () => { dialog.close(); restore(); });
  dialog.addEventListener("cancel", () => restore());
  show();
  dialog.showModal();
  return true;
}

// Live

function setLive(live) {
  byId("live").classList.toggle("lost", !live);
  byId("live-text").textContent = live ? "Live" : "Reconnecting…";
}

let first = true;

async function connected() {
  setLive(true);
  const [bot, people] = await Promise.all([server.bot(), server.people()]);
  desk.bot = bot;
  byId("bot-name").textContent = bot.first_name;
  document.title = `${bot.first_name} · Sandbox`;
  list.replace(people);
  if (first) {
    first = false;
    if (!deepLink()) await restore();
    else if (!desk.columns.length) showNobody();
  } else {
    await Promise.all(desk.columns.map((column) => column.load()));
  }
}

function happened(event) {
  if (event.kind === "person") list.update(event.person);
  if (event.kind === "message" && event.message) {
    const read = document.visibilityState === "visible" && desk.columns.some((one) => one.id === event.user_id);
    list.heard(event.user_id, event.last, read ? 0 : event.unread);
  }
  if (event.kind === "profile") desk.columns.forEach((column) => column.refreshCommands());
  desk.columns.find((one) => one.id === event.user_id)?.hear(event);
}

server.follow({ onOpen: connected, onLost: () => setLive(false), onEvent: happened });

window.addEventListener("resize", () => {
  while (desk.columns.length > room()) desk.columns.pop().element.remove();
  remember();
});
document.addEventListener("visibilitychange", () => desk.columns.forEach((column) => column.seen()));

// The list of people: search, order, last words, unread messages.

import { avatar, icon, make, shortWhen } from "/page/build.js";

const plain = (words) => words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

const NOTHING = "Nothing yet";

export class PeopleList {
  constructor({ list, search, count, sorters, onPick, onBeside }) {
    Object.assign(this, { list, search, count, onPick, onBeside });
    this.people = new Map();
    this.rows = new Map();
    this.open = new Set();
    this.order = "recent";
    this.pending = false;
    search.addEventListener("input", () => this.arrange());
    for (const sorter of sorters) {
      sorter.addEventListener("click", () => {
        this.order = sorter.dataset.sort;
        for (const other of sorters) other.setAttribute("aria-pressed", String(other === sorter));
        this.arrange();
      });
    }
    list.addEventListener("keydown", (event) => this.move(event));
    list.addEventListener("pointerleave", () => this.arrangeSoon());
  }

  replace(people) {
    this.people = new Map(people.map((one) => [one.id, one]));
    for (const one of people) this.row(one);
    this.arrange();
  }

  update(person) {
    this.people.set(person.id, person);
    this.row(person);
    this.arrangeSoon();
  }

  heard(id, last, unread) {
    const person = this.people.get(id);
    if (person) this.update({ ...person, last: last ?? person.last, unread });
  }

  showOpen(ids) {
    this.open = new Set(ids);
    for (const [id, row] of this.rows) row.firstChild.setAttribute("aria-current", String(this.open.has(id)));
  }

  // Rows do not change places under the pointer or the keyboard.
  arrangeSoon() {
    if (this.pending) return;
    this.pending = true;
    setTimeout(() => {
      this.pending = false;
      if (!this.list.matches(":hover") && !this.list.contains(document.activeElement)) this.arrange();
    }, 250);
  }

  arrange() {
    const wanted = plain(this.search.value.trim());
    const found = [...this.people.values()].filter(
      (one) => plain(one.name).includes(wanted) || plain(one.note).includes(wanted) || String(one.id) === wanted,
    );
    const byName = (a, b) => a.name.localeCompare(b.name);
    const recent = (a, b) => (b.last?.date ?? 0) - (a.last?.date ?? 0) || byName(a, b);
    found.sort(this.order === "name" ? byName : recent);
    const pinned = found.filter((one) => one.pinned);
    const others = found.filter((one) => !one.pinned);
    this.list.replaceChildren();
    if (pinned.length) this.list.append(this.group("For you to play", pinned));
    if (others.length) this.list.append(this.group(pinned.length ? "Everyone else" : "People", others));
    if (!found.length) this.list.append(make("p", { class: "people-none" }, this.people.size ? "Nobody of that name." : "Nobody here yet."));
    this.count.textContent = wanted ? `${found.length} found` : `${found.length} people`;
  }

  group(title, people) {
    const heading = make("h2", { class: "people-heading" }, title);
    return make("section", {}, heading, make("ul", { class: "people-rows" }, ...people.map((one) => this.rows.get(one.id))));
  }

  row(person) {
    const label = person.unread ? `${person.name}, ${person.unread} unread` : person.name;
    const pick = make(
      "button",
      { type: "button", class: "person", "aria-label": label, "aria-current": String(this.open.has(person.id)), onclick: () => this.onPick(person.id) },
      avatar(person.name, person.id),
      make("span", { class: "person-words" },
        make("span", { class: "person-top" },
          make("span", { class: "person-name", dir: "auto" }, person.name),
          person.last ? make("time", { class: "person-when" }, shortWhen(person.last.date)) : null),
        make("span", { class: "person-top" },
          make("span", { class: "person-last", dir: "auto" }, lastWords(person)),
          person.unread ? make("span", { class: "badge" }, person.unread > 99 ? "99+" : String(person.unread)) : null),
        person.note ? make("span", { class: "person-note", dir: "auto" }, person.note) : null),
    );
    const beside = make("button", { type: "button", class: "beside", title: "Open beside", "aria-label": `Open ${person.name} beside the others`, onclick: () => this.onBeside(person.id) }, icon("beside"));
    const row = this.rows.get(person.id) || make("li", { class: "person-row" });
    const focused = row.contains(document.activeElement) ? [...row.children].indexOf(document.activeElement) : -1;
    row.replaceChildren(pick, beside);
    if (focused >= 0) row.children[focused].focus();
    this.rows.set(person.id, row);
  }

  move(event) {
    if (!["ArrowDown", "ArrowUp"].includes(event.key)) return;
    const buttons = [...this.list.querySelectorAll(".person")];
    const at = buttons.indexOf(document.activeElement.closest(".person-row")?.firstChild);
    const next = buttons[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (next) {
      event.preventDefault();
      next.focus();
    }
  }
}

function lastWords(person) {
  if (person.deactivated) return "Account deleted";
  if (person.blocked) return "Has blocked the bot";
  if (!person.last) return NOTHING;
  return person.last.from_bot ? person.last.text : `You: ${person.last.text}`;
}

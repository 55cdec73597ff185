// Menus: a button that opens a list; arrows move, Escape and a click elsewhere close it.

import { icon, make } from "/page/build.js";

export function menu(entries, direction = "down") {
  const list = make("div", { class: `menu ${direction}`, role: "menu", hidden: true });
  fillMenu(list, entries);
  list.addEventListener("keydown", (event) => {
    const items = [...list.querySelectorAll("button")];
    const at = items.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      items[(at + step + items.length) % items.length].focus();
    }
  });
  return list;
}

export function fillMenu(list, entries) {
  list.replaceChildren(...entries.map(([label, action]) =>
    make("button", { type: "button", role: "menuitem", onclick: () => { list.hidden = true; list.button?.setAttribute("aria-expanded", "false"); action(); } }, label)));
}

export function menuButton(name, label, list) {
  const button = make("button", { type: "button", class: "round", "aria-label": label, "aria-haspopup": "menu", "aria-expanded": "false" }, icon(name));
  list.button = button;
  const close = (focus) => {
    if (list.hidden) return;
    list.hidden = true;
    button.setAttribute("aria-expanded", "false");
    if (focus) button.focus();
  };
  button.addEventListener("click", () => {
    list.hidden = !list.hidden;
    button.setAttribute("aria-expanded", String(!list.hidden));
    if (!list.hidden) list.querySelector("button")?.focus();
  });
  document.addEventListener("pointerdown", (event) => {
    if (!list.contains(event.target) && !button.contains(event.target)) close(false);
  });
  list.addEventListener("keydown", (event) => { if (event.key === "Escape") close(true); });
  button.addEventListener("keydown", (event) => { if (event.key === "Escape") close(true); });
  return button;
}

// One chat: the messages of one person with the bot, and what that person can do.

import { avatar, dayName, dayOf, icon, make } from "/page/build.js";
import { fillMenu, menu, menuButton } from "/page/menu.js";
import { messageElement } from "/page/messages.js";
import * as server from "/page/server.js";

const TAP_SECONDS = 15;
const TOAST_SECONDS = 5;
const LANGUAGES = new Intl.DisplayNames(["en"], { type: "language" });

export class Column {
  // `desk`: {bot, close(column), back(), deepLink(payload)}
  constructor(person, desk) {
    this.person = person;
    this.desk = desk;
    this.messages = new Map();
    this.commands = [];
    this.payload = "";
    this.waiting = new Map();
    this.context = {
      get bot() { return desk.bot.username; },
      say: (text) => this.act("say", { text }),
      start: (payload) => this.openLink(payload),
      tap: (id, button, element) => this.tap(id, button, element),
      open: (which) => this.openPage(which),
      vote: (id, options) => this.act("vote", { message_id: id, options }),
    };
    this.build();
  }

  get id() { return this.person.id; }

  // Building

  build() {
    this.sub = make("p", { class: "column-sub" });
    this.thread = make("div", { class: "thread", role: "log", "aria-live": "polite", "aria-label": `Messages of ${this.person.name}` });
    this.log = make("div", { class: "log", tabindex: "0", role: "region", "aria-label": `Chat of ${this.person.name}` }, this.thread);
    this.typing = make("div", { class: "typing", hidden: true, "aria-hidden": "true" }, make("span"), make("span"), make("span"));
    this.jump = make("button", { type: "button", class: "jump", hidden: true, onclick: () => this.toEnd() }, icon("down"), "New messages");
    this.toastBox = make("div", { class: "toast-box", role: "status", "aria-live": "assertive" });
    this.dock = make("div", { class: "dock" });
    this.alertBox = make("div", { class: "alert-box", hidden: true });
    this.element = make(
      "section",
      { class: "column", "aria-label": `${this.person.name} and the bot`, "data-user": String(this.id) },
      this.head(),
      make("div", { class: "column-body" }, this.toastBox, this.log, this.jump),
      this.dock,
      this.alertBox,
    );
    this.log.addEventListener("scroll", () => this.scrolled());
    const resized = new ResizeObserver(() => { if (this.stuck) this.log.scrollTop = this.log.scrollHeight; });
    resized.observe(this.thread);
    resized.observe(this.log);
    this.stuck = true;
    this.describe();
  }

  head() {
    this.personMenu = menu([
      ["Send a sticker", () => this.act("sticker")],
      ["Send a voice message", () => this.act("voice")],
      ["Send a location", () => this.act("location")],
      ["Block the bot", () => this.act("block")],
      ["Delete this account", () => this.act("deactivate")],
    ]);
    const more = menuButton("more", `More for ${this.person.name}`, this.personMenu);
    return make(
      "header",
      { class: "column-head" },
      make("button", { type: "button", class: "round back", "aria-label": "Back to the people", onclick: () => this.desk.back() }, icon("back")),
      avatar(this.person.name, this.id),
      make("div", { class: "column-names" }, make("h2", { class: "column-name", dir: "auto" }, this.person.name), this.sub),
      make("div", { class: "menu-holder" }, more, this.personMenu),
      make("button", { type: "button", class: "round close", "aria-label": `Close the chat of ${this.person.name}`, onclick: () => this.desk.close(this) }, icon("close")),
    );
  }

  // What the person is like just now decides what stands below the messages.
  describe() {
    const { person } = this;
    const language = person.language_code ? LANGUAGES.of(person.language_code) : "";
    this.sub.textContent = [person.note, language].filter(Boolean).join(" · ");
    const mode = person.deactivated ? "gone" : person.blocked ? "blocked" : !person.started || this.payload ? "new" : "open";
    if (mode === this.mode) return;
    this.mode = mode;
    if (mode === "open") this.dock.replaceChildren(this.keyboardBox(), this.composer());
    else if (mode === "new") this.dock.replaceChildren(this.bigButton("Start", () => this.start()));
    else if (mode === "blocked") this.dock.replaceChildren(this.bigButton("Unblock the bot", () => this.act("unblock")));
    else this.dock.replaceChildren(make("p", { class: "dock-note" }, "This account was deleted."));
    this.showKeyboard(this.keyboard);
    this.intro();
  }

  bigButton(label, onclick) {
    return make("button", { type: "button", class: "big", onclick }, label);
  }

  keyboardBox() {
    this.keyboardElement = make("div", { class: "reply-keyboard", hidden: true });
    return this.keyboardElement;
  }

  composer() {
    this.text = make("textarea", { class: "text", rows: "1", dir: "auto", placeholder: "Message", "aria-label": `Message from ${this.person.name}`, maxlength: "4096" });
    this.text.addEventListener("input", () => this.grow());
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.send();
      }
    });
    this.commandMenu = menu([], "up");
    const file = (accept, action) => {
      const input = make("input", { type: "file", accept, class: "visually-hidden", tabindex: "-1", "aria-hidden": "true" });
      input.addEventListener("change", () => this.sendFile(input, action));
      return input;
    };
    const picture = file("image/png,image/jpeg,image/gif,image/webp", "photo");
    const anyFile = file("", "document");
    const attachMenu = menu([
      ["Photo", () => picture.click()],
      ["File", () => anyFile.click()],
      ["A plain sample photo", () => this.act("photo")],
    ], "up");
    this.commandButton = menuButton("menu", "The bot's commands", this.commandMenu);
    this.pageButton = make("button", { type: "button", class: "page-button", hidden: true, onclick: () => this.openPage({}) });
    this.fillCommands();
    const form = make(
      "form",
      { class: "composer" },
      this.pageButton,
      make("div", { class: "menu-holder" }, this.commandButton, this.commandMenu),
      make("div", { class: "menu-holder" }, menuButton("attach", "Attach", attachMenu), attachMenu),
      picture,
      anyFile,
      this.text,
      make("button", { class: "send", "aria-label": "Send" }, icon("send")),
    );
    form.addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
    return form;
  }

  fillCommands() {
    if (!this.commandMenu) return;
    const opens = this.menuButton?.type === "web_app" ? this.menuButton.text : "";
    this.pageButton.hidden = !opens;
    this.pageButton.textContent = opens;
    this.commandButton.hidden = !this.commands.length || Boolean(opens);
    fillMenu(this.commandMenu, this.commands.map(({ command, description }) => [
      make("span", { class: "command" }, make("b", {}, `/${command}`), make("span", { dir: "auto" }, description)),
      () => this.act("say", { text: `/${command}` }),
    ]));
  }

  intro() {
    this.introCard?.remove();
    if (this.messages.size && !this.payload) return;
    const words = this.description || "Press Start to begin.";
    this.introCard = make("div", { class: "intro" },
      make("img", { src: "/page/icon.svg", alt: "", width: "56", height: "56" }),
      make("h3", {}, this.desk.bot.first_name),
      make("p", { dir: "auto" }, this.payload ? "This link carries a personal code. Press Start to send it." : words));
    this.thread.append(this.introCard);
  }

  // Reading

  async load() {
    // What happens while the answers are on their way is not in them: it is heard once they are shown.
    const meanwhile = (this.meanwhile = []);
    try {
      await this.read();
    } finally {
      if (this.meanwhile === meanwhile) this.meanwhile = null;
      for (const event of meanwhile) this.hear(event);
    }
  }

  async read() {
    const [messages, bot, person] = await Promise.all([
      server.messages(this.id),
      server.bot(this.id, this.person.language_code),
      server.person(this.id),
    ]);
    this.person = person;
    this.setCommands(bot);
    this.messages.clear();
    this.thread.replaceChildren(this.typing);
    this.thread.setAttribute("aria-live", "off");
    for (const raw of messages) this.put(raw);
    this.thread.setAttribute("aria-live", "polite");
    this.mode = undefined;
    this.keyboard = person.keyboard;
    this.describe();
    this.toEnd();
  }

  async refreshCommands() {
    this.setCommands(await server.bot(this.id, this.person.language_code));
  }

  setCommands(bot) {
    this.commands = bot.commands;
    this.description = bot.description;
    this.menuButton = bot.menu_button;
    this.fillCommands();
    if (this.introCard?.isConnected) this.intro();
  }

  // What happens

  hear(event) {
    if (this.meanwhile) {
      this.meanwhile.push(event);
      return;
    }
    if (event.person) this.person = { ...this.person, ...event.person };
    switch (event.kind) {
      case "person": this.describe(); break;
      case "message": this.arrived(event.message, event.keyboard); break;
      case "edited": this.changed(event.message); break;
      case "deleted": this.removed(event.message_id); break;
      case "answer": this.answered(event); break;
      case "action": this.busy(); break;
    }
  }

  arrived(raw, keyboard) {
    if (!raw || this.messages.has(raw.message_id)) return;
    this.introCard?.remove();
    this.busy(false);
    this.put(raw);
    if (!raw.from.is_bot) this.person.started = true;
    this.showKeyboard(keyboard);
    this.describe();
    if (this.stuck || !raw.from.is_bot) this.toEnd();
    else this.jump.hidden = false;
  }

  put(raw) {
    const day = dayOf(raw.date);
    if (day !== this.lastDay || !this.messages.size) {
      this.thread.insertBefore(make("h3", { class: "day" }, make("span", {}, dayName(raw.date))), this.typing);
      this.lastDay = day;
    }
    const element = messageElement(raw, this.context);
    this.messages.set(raw.message_id, element);
    this.thread.insertBefore(element, this.typing);
  }

  changed(raw) {
    const old = raw && this.messages.get(raw.message_id);
    if (!old) return;
    const focused = old.contains(document.activeElement) ? document.activeElement.dataset.callback : undefined;
    const element = messageElement(raw, this.context);
    element.classList.add("changed");
    old.replaceWith(element);
    this.messages.set(raw.message_id, element);
    for (const tap of this.waiting.values()) if (tap.messageId === raw.message_id) tap.mark();
    if (focused !== undefined) (element.querySelector(`[data-callback="${CSS.escape(focused)}"]`) || element.querySelector(".inline-button") || this.log).focus({ preventScroll: true });
  }

  removed(id) {
    const element = this.messages.get(id);
    if (!element) return;
    this.messages.delete(id);
    element.classList.add("leaving");
    setTimeout(() => element.remove(), 250);
  }

  busy(on = true) {
    clearTimeout(this.busyTimer);
    this.typing.hidden = !on;
    if (on) this.busyTimer = setTimeout(() => this.busy(false), 5000);
  }

  // Doing

  async act(action, body) {
    try {
      return await server.act(this.id, action, body);
    } catch (error) {
      this.toast(error.message, true);
      return null;
    }
  }

  async start() {
    const payload = this.payload;
    this.payload = "";
    await this.act("start", { payload });
  }

  openLink(payload) {
    this.payload = payload;
    this.mode = undefined;
    this.describe();
    this.toEnd();
    this.dock.querySelector("button")?.focus();
  }

  async send() {
    const text = this.text.value.trim();
    if (!text) return;
    this.text.value = "";
    this.grow();
    if (!(await this.act("say", { text }))) this.text.value = text;
    this.text.focus();
  }

  grow() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, 160)}px`;
  }

  async sendFile(input, action) {
    const [file] = input.files;
    if (!file) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    let binary = "";
    for (const byte of bytes) binary += String.fromCharCode(byte);
    await this.act(action, { name: file.name, content: btoa(binary), caption: "" });
    input.value = "";
  }

  // A page that an app would show within itself opens beside the chats here, with who opened it behind the #.
  async openPage(which) {
    const opened = await this.act("open", which);
    if (opened) window.open(opened.url, "_blank", "noopener");
  }

  // A tap shows a spinner until the bot answers or an app would give up.
  async tap(messageId, button, element) {
    if (element.getAttribute("aria-busy") === "true") return;
    const selector = `[data-callback="${CSS.escape(button.callback_data)}"]`;
    const mark = (busy = true) => {
      const shown = this.messages.get(messageId)?.querySelector(selector);
      shown?.setAttribute("aria-busy", String(busy));
    };
    mark();
    const tap = await this.act("tap", { message_id: messageId, data: button.callback_data });
    if (!tap) return mark(false);
    const end = () => { clearTimeout(timer); this.waiting.delete(tap.query_id); mark(false); };
    const timer = setTimeout(end, TAP_SECONDS * 1000);
    this.waiting.set(tap.query_id, { messageId, mark, end });
    if (this.early?.query_id === tap.query_id) this.answered(this.early);
  }

  // The answer may come before the tap's own response: it is kept for a moment.
  answered(event) {
    const tap = this.waiting.get(event.query_id);
    if (!tap) {
      this.early = event;
      return;
    }
    this.early = undefined;
    tap.end();
    if (event.url) window.open(event.url, "_blank", "noopener");
    if (event.text && event.show_alert) this.alert(event.text);
    else if (event.text) this.toast(event.text);
  }

  toast(words, isError = false) {
    const toast = make("p", { class: `toast${isError ? " wrong" : ""}`, dir: "auto" }, words);
    this.toastBox.replaceChildren(toast);
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => toast.remove(), TOAST_SECONDS * 1000);
  }

  alert(words) {
    const before = document.activeElement;
    const close = () => {
      this.alertBox.hidden = true;
      this.alertBox.replaceChildren();
      before?.isConnected && before.focus();
    };
    const ok = make("button", { type: "button", class: "big", onclick: close }, "OK");
    const box = make("div", { class: "alert", role: "alertdialog", "aria-label": "From the bot", "aria-modal": "true" }, make("p", { dir: "auto" }, words), ok);
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
      if (event.key === "Tab") event.preventDefault();
    });
    this.alertBox.replaceChildren(box);
    this.alertBox.hidden = false;
    ok.focus();
  }

  showKeyboard(keyboard) {
    this.keyboard = keyboard;
    if (!this.keyboardElement) return;
    const rows = keyboard?.keyboard || [];
    this.keyboardElement.hidden = !rows.length;
    this.keyboardElement.replaceChildren(...rows.map((row) => make("div", { class: "inline-row" }, ...row.map((button) => {
      const label = typeof button === "string" ? button : button.text;
      return make("button", { type: "button", class: "inline-button", onclick: () => this.pressKey(button, label) }, make("span", { dir: "auto" }, label));
    }))));
    if (keyboard?.force_reply) this.text?.focus();
  }

  pressKey(button, label) {
    if (button.request_contact) return this.act("contact", { phone_number: "+44 1632 960000" });
    if (button.request_location) return this.act("location");
    return this.act("say", { text: label });
  }

  // Scrolling and reading: a chat at its end stays there when it grows, also when a picture loads

  scrolled() {
    this.stuck = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 60;
    if (this.stuck) this.jump.hidden = true;
    this.seen();
  }

  toEnd() {
    this.stuck = true;
    this.jump.hidden = true;
    this.log.scrollTop = this.log.scrollHeight;
    this.seen();
  }

  seen() {
    if (document.visibilityState !== "visible" || !this.messages.size) return;
    const newest = Math.max(...this.messages.keys());
    if (newest <= (this.readUpTo ?? 0)) return;
    this.readUpTo = newest;
    server.act(this.id, "read", { up_to: newest }).catch(() => { this.readUpTo = 0; });
  }
}

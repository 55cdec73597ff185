// One message as a piece of page: its text with entities, its file, its buttons.

import { clock, fileSize, icon, make } from "/page/build.js";
import { fileAddress } from "/page/server.js";

const PLAIN_TAGS = {
  bold: "strong",
  italic: "em",
  underline: "u",
  strikethrough: "s",
  code: "code",
  blockquote: "blockquote",
};
const BLOCKS = new Set(["BLOCKQUOTE", "PRE"]);  // they end their line themselves
const SAFE_ADDRESS = /^(https?:|mailto:)/i;

// Offsets are UTF-16 units, as JavaScript counts; entities nest, and the outer ones come first.
export function richText(text, entities = [], context = {}) {
  return inside(text, 0, text.length, [...entities], context);
}

function inside(text, from, to, entities, context) {
  const fragment = document.createDocumentFragment();
  let at = from;
  while (entities.length) {
    const entity = entities.shift();
    const start = Math.max(entity.offset, at);
    const end = Math.min(entity.offset + entity.length, to);
    if (end <= start) continue;
    const children = [];
    while (entities.length && entities[0].offset < end) children.push(entities.shift());
    if (start > at) fragment.append(text.slice(at, start));
    const wrapper = wrap(entity, text.slice(start, end), context);
    wrapper.append(inside(text, start, end, children, context));
    fragment.append(wrapper);
    at = BLOCKS.has(wrapper.tagName) && text[end] === "\n" ? end + 1 : end;
  }
  if (to > at) fragment.append(text.slice(at, to));
  return fragment;
}

function wrap(entity, words, context) {
  if (PLAIN_TAGS[entity.type]) return make(PLAIN_TAGS[entity.type]);
  switch (entity.type) {
    case "text_link":
      return link(entity.url, context);
    case "url":
      return link(words, context);
    case "email":
      return make("a", { href: `mailto:${words}` });
    case "pre":
      return make("pre");
    case "expandable_blockquote":
      return folded();
    case "spoiler":
      return spoiler();
    case "bot_command":
      return make("button", { type: "button", class: "command-link", dir: "ltr", onclick: () => context.say?.(words) });
    default:
      return make("span");
  }
}

export function link(address, context) {
  const payload = startPayload(address, context.bot);
  if (payload !== null) {
    return make("a", { href: address, onclick: (event) => { event.preventDefault(); context.start?.(payload); } });
  }
  if (!SAFE_ADDRESS.test(address)) return make("span");
  return make("a", { href: address, target: "_blank", rel: "noopener noreferrer" });
}

// Links of the real t.me that open this bot stay on the page.
export function startPayload(address, bot) {
  if (!bot || !URL.canParse(address)) return null;
  const url = new URL(address);
  const name = url.pathname.slice(1).toLowerCase();
  if (!["t.me", "telegram.me"].includes(url.hostname) || name !== bot.toLowerCase()) return null;
  return url.searchParams.get("start") || "";
}

function spoiler() {
  const hidden = make("span", { class: "spoiler", tabindex: "0", role: "button", "aria-label": "Hidden text, show it" });
  const show = () => { hidden.classList.add("shown"); hidden.removeAttribute("role"); hidden.removeAttribute("aria-label"); };
  hidden.addEventListener("click", show);
  hidden.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") show(); });
  return hidden;
}

function folded() {
  const quote = make("blockquote", { class: "folded", tabindex: "0" });
  quote.addEventListener("click", () => quote.classList.toggle("unfolded"));
  quote.addEventListener("keydown", (event) => { if (event.key === "Enter") quote.classList.toggle("unfolded"); });
  return quote;
}

// `context`: {bot, say(text), start(payload), tap(messageId, button, element), vote(messageId, options)}
export function messageElement(raw, context) {
  const fromBot = raw.from.is_bot;
  const item = make("article", { class: `message ${fromBot ? "theirs" : "mine"}`, "data-id": raw.message_id });
  const rows = raw.reply_markup?.inline_keyboard;
  const bubble = make("div", { class: "bubble" });
  const card = make("div", { class: rows?.length ? "card asking" : "card" }, bubble);
  if (raw.reply_to_message) bubble.append(quoteOf(raw.reply_to_message));
  const media = mediaOf(raw, context);
  if (media) bubble.append(media);
  const text = raw.text || raw.caption;
  if (text) {
    const words = make("div", { class: "words", dir: "auto" });
    words.append(richText(text, raw.entities || raw.caption_entities, context));
    bubble.append(words);
  }
  bubble.append(footOf(raw));
  item.append(make("span", { class: "visually-hidden" }, `${raw.from.first_name}: `), card);
  if (rows?.length) card.append(inlineKeyboard(raw.message_id, rows, context));
  return item;
}

function footOf(raw) {
  const moment = new Date(raw.date * 1000).toISOString();
  const edited = raw.edit_date ? make("span", { class: "edited" }, "edited") : null;
  return make("footer", { class: "foot" }, edited, make("time", { datetime: moment }, clock(raw.date)));
}

function quoteOf(raw) {
  const words = raw.text || raw.caption || raw.poll?.question || "A message";
  return make("div", { class: "replied", dir: "auto" }, make("strong", {}, raw.from.first_name), " ", words);
}

function mediaOf(raw, context) {
  if (raw.photo) return photo(raw);
  if (raw.document) return documentCard(raw.document);
  if (raw.sticker) return make("div", { class: "sticker", role: "img", "aria-label": `Sticker ${raw.sticker.emoji}` }, raw.sticker.emoji);
  if (raw.voice) return mediaLine("voice", `Voice message, ${raw.voice.duration} s`);
  if (raw.location) return mediaLine("place", `Location ${raw.location.latitude.toFixed(3)}, ${raw.location.longitude.toFixed(3)}`);
  if (raw.contact) return mediaLine("contact", `${raw.contact.first_name} ${raw.contact.phone_number}`);
  if (raw.poll) return poll(raw, context);
  return null;
}

const mediaLine = (name, words) => make("div", { class: "media-line" }, icon(name), make("span", { dir: "auto" }, words));

function photo(raw) {
  const size = raw.photo.at(-1);
  const address = fileAddress(size.file_id);
  const image = make("img", { src: address, alt: raw.caption || "Photo", width: size.width, height: size.height });
  return make("a", { class: "photo", href: address, target: "_blank", rel: "noopener" }, image);
}

function documentCard(file) {
  const kind = file.mime_type === "text/calendar" ? "calendar" : "file";
  return make(
    "a",
    { class: "document", href: fileAddress(file.file_id), download: file.file_name },
    make("span", { class: "document-icon" }, icon(kind)),
    make("span", { class: "document-words" },
      make("span", { class: "document-name", dir: "auto" }, file.file_name),
      make("span", { class: "document-size" }, `${fileSize(file.file_size)} · Download`)),
  );
}

function poll(raw, context) {
  const { question, options, total_voter_count: total, is_closed: closed } = raw.poll;
  const choices = options.map((option, number) => {
    const chosen = option.voter_count > 0;
    return make(
      "button",
      { type: "button", class: "poll-option", "aria-pressed": String(chosen), disabled: closed, onclick: () => context.vote?.(raw.message_id, chosen ? [] : [number]) },
      make("span", { dir: "auto" }, option.text),
      total ? make("span", { class: "poll-share" }, `${Math.round((100 * option.voter_count) / total)} %`) : null,
    );
  });
  return make("div", { class: "poll" }, make("strong", { dir: "auto" }, question), ...choices);
}

function inlineKeyboard(messageId, rows, context) {
  const keyboard = make("div", { class: "inline-keyboard", role: "group", "aria-label": "Answers" });
  for (const row of rows) {
    keyboard.append(make("div", { class: "inline-row" }, ...row.map((button) => inlineButton(messageId, button, context))));
  }
  return keyboard;
}

function inlineButton(messageId, button, context) {
  const style = `inline-button${button.style ? ` ${button.style}` : ""}`;
  const label = make("span", { dir: "auto" }, button.text);
  if (button.url !== undefined) {
    const anchor = link(button.url, context);
    anchor.className = style;
    anchor.append(label, icon("out"));
    return anchor;
  }
  if (button.web_app !== undefined) {
    return make("button", { type: "button", class: style, onclick: () => context.open?.({ message_id: messageId, label: button.text }) }, label, icon("out"));
  }
  if (button.callback_data === undefined) {
    return make("button", { type: "button", class: style, disabled: true, title: "Not shown in the sandbox" }, label);
  }
  const element = make("button", { type: "button", class: style, "data-callback": button.callback_data }, label);
  element.addEventListener("click", () => context.tap?.(messageId, button, element));
  return element;
}

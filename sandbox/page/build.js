// Small pieces of page: elements, avatars, icons, dates.

export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const SHAPES = {
  send: ["M10 16V4.5", "M5 9.5 10 4.500l5 5"],
  close: ["M5.5 5.500l9 9", "M14.5 5.500l-9 9"],
  back: ["M12 4.5 6.5 10l5.5 5.5"],
  beside: ["M3.5 4.500h13v11h-13z", "M10 4.500v11", "M13.2 8.300v3.4", "M11.5 10h3.4"],
  more: ["M5 10h.01", "M10 10h.01", "M15 10h.01"],
  menu: ["M4 6h12", "M4 10h12", "M4 14h7"],
  attach: ["M10 4v12", "M4 10h12"],
  file: ["M5.5 2.500h6l3.5 3.500v11.500h-9.500z", "M11.5 2.500v3.500h3.5"],
  calendar: ["M3.5 5h13v11.500h-13z", "M3.5 8.500h13", "M7 3v3", "M13 3v3"],
  voice: ["M4 8.500v3", "M7 6v8", "M10 3.500v13", "M13 6.500v7", "M16 8.500v3"],
  place: ["M10 17.500s5.5-5 5.5-9.300a5.5 5.5 0 0 0-11 0c0 4.3 5.5 9.3 5.5 9.300z", "M10 8.200h.01"],
  contact: ["M10 10a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.400z", "M4 16.500c.6-3 3-4.5 6-4.500s5.4 1.5 6 4.5"],
  down: ["M10 4v12", "M5 11l5 5 5-5"],
  out: ["M8 5h7v7", "M15 5 6 14"],
};

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  for (const shape of SHAPES[name]) {
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", shape);
    svg.append(path);
  }
  return svg;
}

export function avatar(name, id) {
  const initials = name
    .split(/\s+/)
    .map((word) => Array.from(word)[0] || "")
    .slice(0, 2)
    .join("");
  return make("span", { class: `avatar tint-${id % 8}`, "aria-hidden": "true" }, initials);
}

export const clock = (seconds) =>
  new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(seconds * 1000);

const dayNumber = (date) => Math.floor((date.getTime() - date.getTimezoneOffset() * 60_000) / 86_400_000);

export const dayOf = (seconds) => dayNumber(new Date(seconds * 1000));

export function dayName(seconds) {
  const date = new Date(seconds * 1000);
  const ago = dayNumber(new Date()) - dayNumber(date);
  if (ago === 0) return "Today";
  if (ago === 1) return "Yesterday";
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", year }).format(date);
}

export function shortWhen(seconds) {
  const date = new Date(seconds * 1000);
  const ago = dayNumber(new Date()) - dayNumber(date);
  if (ago === 0) return clock(seconds);
  if (ago > 0 && ago < 7) return new Intl.DateTimeFormat("en-GB", { weekday: "short" }).format(date);
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" }).format(date);
}

export function fileSize(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

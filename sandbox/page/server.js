// Talking to the sandbox: JSON there and back, and the stream of what happens.

async function call(path, options) {
  const response = await fetch(path, options);
  const body = await response.json();
  if (!response.ok) throw new Error(body.error || `The sandbox answered ${response.status}.`);
  return body;
}

const get = (path) => call(path, { headers: { Accept: "application/json" } });

const post = (path, body = {}) =>
  call(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

export const people = () => get("/sandbox/users");
export const person = (id) => get(`/sandbox/users/${id}`);
export const messages = (id) => get(`/sandbox/users/${id}/messages?last=300`);
export const act = (id, action, body) => post(`/sandbox/users/${id}/${action}`, body);
export const bot = (id = 0, language = "") =>
  get(`/sandbox/bot?user_id=${id}&language=${encodeURIComponent(language || "")}`);
export const fileAddress = (fileId) => `/sandbox/files/${encodeURIComponent(fileId)}`;

// `onOpen` is called at every connection, also after one was lost: read everything anew then.
export function follow({ onOpen, onLost, onEvent }) {
  const source = new EventSource("/sandbox/stream");
  source.onopen = onOpen;
  source.onerror = onLost;
  source.onmessage = (message) => onEvent(JSON.parse(message.data));
  window.addEventListener("pagehide", () => source.close());
}

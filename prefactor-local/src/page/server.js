// Requests to the server that this page came from, and the events that it sends.

const connection = document.getElementById("connection");
const LOST = "Server not reachable, trying again";

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

// Answers `null` for what does not exist.
export async function get(path) {
  return request(path, {});
}

export async function send(method, path, body) {
  // The header is one that pages of other sites cannot send here.
  const headers = { "content-type": "application/json", "prefactor-page": "1" };
  return request(path, { method, headers, body: JSON.stringify(body) });
}

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    connection.textContent = LOST;
    throw error;
  }
  connection.textContent = "";
  if (response.status === 404) return null;
  const body = await response.json().catch(() => ({}));
  if (response.status === 401) dispatchEvent(new Event("token-needed"));
  if (!response.ok) throw new Refused(response.status, body.message ?? `${path} answered ${response.status}`);
  return body;
}

// Server-sent events while the page is visible: browsers keep six connections to a host, and a hidden tab
// would hold one of them. `handlers.missed` is called whenever events may have been lost.
export function listen(path, handlers) {
  let source = null;
  let wasOpen = false;
  const open = () => {
    if (document.hidden || source) return;
    source = new EventSource(path);
    for (const [name, handler] of Object.entries(handlers)) {
      source.addEventListener(name, (event) => handler(event.data ? JSON.parse(event.data) : null));
    }
    source.addEventListener("open", () => {
      connection.textContent = "";
      if (wasOpen) handlers.missed();
      wasOpen = true;
    });
    source.addEventListener("error", () => {
      connection.textContent = LOST;
      // A refused stream is not tried again by the browser.
      if (source?.readyState === EventSource.CLOSED) setTimeout(reopen, 2000);
    });
  };
  const close = () => {
    source?.close();
    source = null;
  };
  const reopen = () => {
    if (!source) return;
    close();
    open();
  };
  const turn = () => (document.hidden ? close() : open());
  document.addEventListener("visibilitychange", turn);
  open();
  return () => {
    document.removeEventListener("visibilitychange", turn);
    close();
  };
}

const connection = document.getElementById("connection");
const LOST = "Server not reachable, trying again";

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export async function get(path) {
  return request(path, {});
}

export async function send(method, path, body) {
  // Pages of other sites cannot send this header without a preflight.
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

// Browsers keep six connections to a host, and a hidden tab would hold one, so only a visible page listens.
// `handlers.missed` is called whenever events may have been lost.
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
      // Browsers do not reconnect a refused stream.
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

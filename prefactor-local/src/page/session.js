// The token comes in the address's fragment, which browsers never send; a cookie that scripts cannot read replaces it.

import { button, dialog, element } from "/page/dom.js";

let asking = null;

export async function openSession() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!token) return;
  history.replaceState(null, "", location.pathname + location.search);
  await exchange(token);
}

async function exchange(token) {
  const response = await fetch("/page/session", { method: "POST", headers: { authorization: `Bearer ${token}` } }).catch(() => null);
  return response?.ok ?? false;
}

export function askForToken() {
  if (asking) return;
  const input = element("input", { type: "password", autocomplete: "off", "aria-label": "Token", required: "" });
  const problem = element("p", { class: "problem", role: "alert" });
  const form = element("form", { method: "dialog" }, input, button("Open", { type: "submit", class: "primary" }, () => {}));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await exchange(input.value)) location.reload();
    else problem.textContent = "The server refuses this token. It printed the right one when it started.";
  });
  asking = dialog("This server asks for its token", element("p", {}, "Paste the token that it was started with."), form, problem);
  asking.addEventListener("close", () => (asking = null));
}

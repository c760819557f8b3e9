// The agent learns of the end with the answer to its next span, or at its next poll.

import { button, dialog, element } from "/page/dom.js";
import { send } from "/page/server.js";

export function terminateDialog(id) {
  const reason = element("input", { type: "text", required: "", maxlength: "500", "aria-label": "Reason", placeholder: "Reason, which the agent is told" });
  const problem = element("p", { class: "problem", role: "alert" });
  const form = element("form", {}, reason, button("Terminate the run", { type: "submit", class: "danger" }, () => {}));
  const node = dialog("Terminate this run", element("p", {}, "The agent stops at its next span, or within half a minute if it makes none. The run cannot be resumed."), form, problem);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await send("POST", `/page/runs/${encodeURIComponent(id)}/terminate`, { reason: reason.value });
      node.close();
    } catch (error) {
      problem.textContent = error.message;
    }
  });
  reason.focus();
}

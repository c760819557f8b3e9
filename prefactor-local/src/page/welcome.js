import { copyButton, element } from "/page/dom.js";

export function welcome(anyToken) {
  const token = anyToken ? "pf_local" : "(the token this server was started with)";
  const exports = `export PREFACTOR_API_URL=${location.origin}\nexport PREFACTOR_API_TOKEN=${token}`;
  const code = 'use prefactor::span;\n\n#[span("agent:run")]\nasync fn answer(question: &str) -> anyhow::Result<String> { … }\n\nlet _prefactor = prefactor::init()?;   // first in main';
  return element(
    "div",
    { class: "welcome" },
    element("h1", {}, "No runs yet"),
    element("p", {}, "Type these two lines in the shell that starts your agent, then run it. Its trace appears here by itself."),
    block(exports, "Copy the variables"),
    element("p", { class: "quiet" }, anyToken ? "Any token is accepted until one is made." : "Other tokens are refused."),
    element("h2", {}, "In the agent"),
    block(code, "Copy the code"),
    element("p", { class: "quiet" }, "Programs with the official Python or TypeScript SDK take the same address and token."),
  );
}

function block(text, label) {
  return element("div", { class: "code" }, element("pre", { tabindex: "0" }, text), copyButton(label, () => text));
}

export function nothingFound(href) {
  return element("div", { class: "welcome" }, element("h1", {}, "No run matches"), element("p", {}, element("a", { href, "data-go": "", class: "action" }, "Clear the search and the filters")));
}

export function noSuchRun() {
  return element(
    "div",
    { class: "welcome" },
    element("h1", {}, "No such run"),
    element("p", {}, "The database of this server does not hold it. A server without a database file forgets its runs when it stops."),
    element("p", {}, element("a", { href: "/", "data-go": "", class: "action" }, "All runs")),
  );
}

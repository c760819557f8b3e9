// JSON text, laid out for reading without being parsed: numbers keep every digit and keys their order.
// A loop over tokens rather than a recursion, so that no depth of nesting can exhaust the stack.

import { element } from "/page/dom.js";

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs;
// Control and direction characters, which could make text look like something else.
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

export function formatted(text) {
  const output = document.createDocumentFragment();
  const tokens = text.match(TOKEN) ?? [];
  let depth = 0;
  let afterProse = false;
  const put = (...nodes) => {
    output.append(...nodes);
    afterProse = false;
  };
  const line = () => put((afterProse ? "" : "\n") + "  ".repeat(depth));
  tokens.forEach((token, index) => {
    const next = tokens[index + 1];
    if (token === "{" || token === "[") {
      put(token);
      depth += 1;
      if (next !== "}" && next !== "]") line();
    } else if (token === "}" || token === "]") {
      depth -= 1;
      if (tokens[index - 1] !== "{" && tokens[index - 1] !== "[") line();
      put(token);
    } else if (token === ",") {
      if (!afterProse) put(token);
      line();
    } else if (token === ":") {
      put(": ");
    } else if (token.startsWith('"')) {
      const value = string(token);
      if (next === ":") put(element("span", { class: "key" }, quoted(value)));
      else if (!value.includes("\n")) put(element("span", { class: "string" }, quoted(value)));
      else {
        put(prose(value, depth, next === "," ? "," : ""));
        afterProse = true;
      }
    } else {
      put(element("span", { class: /^[tfn]/.test(token) ? "literal" : "number" }, token));
    }
  });
  return output;
}

// Prompts and answers are prose: a text of several lines is a block with its line breaks shown as such.
function prose(value, depth, after) {
  const block = element("span", { class: "prose" }, element("span", { class: "string" }, visible(`"${value}"`)), after);
  block.style.setProperty("--depth", depth);
  return block;
}

function quoted(value) {
  return visible(JSON.stringify(value));
}

function string(token) {
  try {
    return JSON.parse(token);
  } catch {
    return token;
  }
}

export function visible(text) {
  return text.replace(UNSEEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

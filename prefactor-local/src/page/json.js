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
  const line = () => output.append(`\n${"  ".repeat(depth)}`);
  tokens.forEach((token, index) => {
    const next = tokens[index + 1];
    if (token === "{" || token === "[") {
      output.append(token);
      depth += 1;
      if (next !== "}" && next !== "]") line();
    } else if (token === "}" || token === "]") {
      depth -= 1;
      if (tokens[index - 1] !== "{" && tokens[index - 1] !== "[") line();
      output.append(token);
    } else if (token === ",") {
      output.append(token);
      line();
    } else if (token === ":") {
      output.append(": ");
    } else {
      output.append(scalar(token, next === ":"));
    }
  });
  return output;
}

function scalar(token, isKey) {
  if (token.startsWith('"')) {
    const value = string(token);
    if (isKey) return element("span", { class: "key" }, visible(JSON.stringify(value)));
    // Prompts and answers are prose: their line breaks are shown as such.
    const lines = value.includes("\n");
    const shown = lines ? `"${value}"` : JSON.stringify(value);
    return element("span", { class: lines ? "string prose" : "string" }, visible(shown));
  }
  return element("span", { class: /^[tfn]/.test(token) ? "literal" : "number" }, token);
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

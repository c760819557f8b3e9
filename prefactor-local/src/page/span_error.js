// Integrations put the error into the result or into the payload, as an object or as text.

// Returns `{ title, rest, isWhole }`; `isWhole` says that the result is nothing but the error.
import { compact, member, stringOf } from "/page/json_tree.js";

export function errorOf(status, payload, result) {
  const places = [member(result, "error"), member(payload, "error"), member(payload, "outputs", "error")];
  if (status === 3) places.push(result);
  const found = places.find((place) => stringOf(place) || member(place, "message") || member(place, "error_type"));
  if (!found) return null;
  if (found.type === "string") return { title: found.value, rest: [] };
  const word = (...names) => {
    const node = names.map((name) => member(found, name)).find((node) => node && node.text !== "null");
    return node === undefined ? "" : (stringOf(node) ?? compact(node, 2000));
  };
  const type = word("error_type", "type", "name");
  const message = word("message");
  const sources = (member(found, "sources")?.items ?? []).map((source) => `caused by: ${stringOf(source) ?? compact(source, 2000)}`);
  const [title, ...rest] = [type, message, ...sources, word("stacktrace", "stack")].filter(Boolean);
  return { title: title ?? "failed", rest, isWhole: found === result };
}

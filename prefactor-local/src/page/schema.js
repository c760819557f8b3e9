import { element, lazyDetails } from "/page/dom.js";
import { jsonView } from "/page/json_view.js";
import { parseTree } from "/page/json_tree.js";
import { visible } from "/page/text.js";

// `schema` is the registered entry as JSON text; `problems` are mismatches as texts.
export function schemaView({ schema, problems }) {
  const parts = [];
  if (problems?.length > 0) {
    const list = element("ul", {}, ...problems.map((problem) => element("li", {}, visible(problem))));
    parts.push(element("section", { class: "problems" }, element("h3", {}, "Does not match its schema"), list));
  }
  if (schema) parts.push(lazyDetails("Schema", () => jsonView(parseTree(schema))));
  return parts;
}

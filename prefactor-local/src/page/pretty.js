import { compact, parseTree } from "/page/json_tree.js";
import { withoutSensitive } from "/page/sensitive.js";

const ONE_LINE = 72;
const DEEPEST = 100;

export function pretty(text) {
  if (text === null || text === undefined) return [];
  const lines = [];
  const put = (node, lead, indent, after, depth) => {
    const short = compact(node, ONE_LINE);
    const isScalar = node.items === undefined;
    if (isScalar || short.length <= ONE_LINE || depth > DEEPEST) {
      const whole = isScalar || depth > DEEPEST ? compact(node) : short;
      const parts = node.type === "string" ? node.value.split("\n") : [];
      if (parts.length > 1) parts.forEach((part, index) => lines.push(`${indent}${index === 0 ? lead : "  "}${part}`));
      else lines.push(`${indent}${lead}${whole}${after}`);
      return;
    }
    const [open, close] = node.type === "array" ? ["[", "]"] : ["{", "}"];
    lines.push(`${indent}${lead}${open}`);
    node.items.forEach((item, index) => {
      const key = node.keys ? `${JSON.stringify(node.keys[index])}: ` : "";
      put(item, key, `${indent}  `, index < node.items.length - 1 ? "," : "", depth + 1);
    });
    lines.push(`${indent}${close}${after}`);
  };
  put(withoutSensitive(parseTree(text)), "", "", "", 0);
  return lines;
}

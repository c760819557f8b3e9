// The words of a schema name decide the colour of a row, and nothing else.

const FAMILIES = [
  ["tool", /tool|function|mcp|exec|command/],
  ["model", /llm|model|chat|completion|generat|response|embed|speech|transcri|stt|tts/],
  ["data", /retriev|search|rag|vector|query|memory|cache|read|fetch|rank|db|sql/],
  ["agent", /agent|run|session|task|turn|workflow|chain|handoff|plan|answer/],
];
const known = new Map();

// `agent:llm_call` is a model call, because the last word says more than the first; but `tool:search` is a tool.
export function family(kind) {
  if (!known.has(kind)) known.set(kind, find(kind.toLowerCase()));
  return known.get(kind);
}

function find(kind) {
  const words = kind.split(":").reverse();
  if (words.some((word) => word === "tool" || word === "mcp")) return "tool";
  for (const word of words) {
    const found = FAMILIES.find(([, pattern]) => pattern.test(word));
    if (found) return found[0];
  }
  return "other";
}

// Chat messages in a payload or a result, found by their shape and not by their provider.

import { compact, member, parseTree, stringOf } from "/page/json_tree.js";

const DEPTH = 6;

// Returns `[{ role, parts: [{ type: "text" | "call" | "result" | "other", … }] }]`, or an empty list.
export function conversation(payload, result) {
  const before = find(payload) ?? [];
  const after = find(result) ?? choices(result) ?? answer(result) ?? [];
  if (before.length === 0 && after.every((message) => message.parts.every((part) => part.type === "text"))) return [];
  const system = text(member(payload, "system")) ?? text(member(payload, "inputs", "system")) ?? text(member(payload, "instructions"));
  const first = system && before[0]?.role !== "system" ? [{ role: "system", parts: [{ type: "text", text: system }] }] : [];
  // Some integrations answer with the whole conversation.
  const isWhole = after.length > before.length && before.length > 0 && JSON.stringify(after[0]) === JSON.stringify(before[0]);
  return isWhole ? [...first, ...after] : [...first, ...before, ...after];
}

function find(root) {
  let level = root ? [root] : [];
  for (let depth = 0; depth < DEPTH && level.length > 0; depth += 1) {
    const next = [];
    for (const node of level) {
      if (isMessages(node)) return node.items.map(message).filter((message) => message.parts.length > 0);
      if (node.type === "object") next.push(...node.items);
    }
    level = next;
  }
  return null;
}

function isMessages(node) {
  return node.type === "array" && node.items.length > 0 && node.items.every((item) => item.type === "object") && node.items.some((item) => roleOf(item));
}

function roleOf(node) {
  return stringOf(member(node, "role")) ?? (member(node, "content") || member(node, "kwargs") ? stringOf(member(node, "type")) : undefined);
}

function message(node) {
  const parts = [...blocks(member(node, "content") ?? member(node, "parts") ?? member(node, "text")), ...calls(node)];
  const kind = stringOf(member(node, "type"));
  if (kind === "function_call") parts.push(call(member(node, "name"), member(node, "arguments")));
  if (kind === "function_call_output") parts.push({ type: "result", value: member(node, "output") });
  const name = stringOf(member(node, "name"));
  const role = roleOf(node) ?? (kind?.startsWith("function_call") ? "tool" : "message");
  const isResult = role === "tool" && parts.every((part) => part.type === "text");
  return { role, name, parts: isResult ? [{ type: "result", value: member(node, "content") }] : parts };
}

function blocks(node) {
  if (!node || node.type === "literal") return [];
  if (node.type === "string") return node.value === "" ? [] : [{ type: "text", text: node.value }];
  if (node.type === "array") return node.items.flatMap(block);
  return block(node);
}

function block(node) {
  if (node.type === "string") return [{ type: "text", text: node.value }];
  const kind = stringOf(member(node, "type"));
  const words = stringOf(member(node, "text")) ?? stringOf(member(node, "thinking")) ?? stringOf(member(node, "content"));
  if (kind === "tool_use" || kind === "tool-call") {
    return [call(member(node, "name") ?? member(node, "toolName"), member(node, "input") ?? member(node, "args"))];
  }
  if (member(node, "functionCall")) return [call(member(node, "functionCall", "name"), member(node, "functionCall", "args"))];
  if (kind === "tool_result" || kind === "tool-result") {
    return [{ type: "result", value: member(node, "content") ?? member(node, "result") ?? member(node, "output") }];
  }
  if (words !== undefined) return [{ type: "text", text: words }];
  return [{ type: "other", kind: kind ?? "content", value: node }];
}

function calls(node) {
  const list = member(node, "tool_calls") ?? member(node, "toolCalls");
  if (list?.type !== "array") return [];
  return list.items.map((item) => {
    const target = member(item, "function") ?? item;
    return call(member(target, "name") ?? member(target, "toolName"), member(target, "arguments") ?? member(target, "args") ?? member(target, "input"));
  });
}

// Arguments often come as JSON within a string.
export function call(name, args) {
  const value = args?.type === "string" ? parseTree(args.value) : args;
  return { type: "call", name: stringOf(name) ?? "function", value };
}

function choices(root) {
  const list = member(root, "choices") ?? member(root, "result", "choices") ?? member(root, "outputs", "choices");
  const found = list?.items?.map((choice) => member(choice, "message")).filter(Boolean).map(message);
  return found?.length > 0 ? found : null;
}

function answer(root) {
  const places = [root, member(root, "outputs"), member(root, "result"), member(root, "message")];
  for (const place of places) {
    if (place?.type === "string" && place.value !== "") return [{ role: "assistant", parts: [{ type: "text", text: place.value }] }];
    const content = member(place, "content") ?? member(place, "text") ?? member(place, "ai.response.text") ?? member(place, "output_text");
    const parts = place?.type === "object" ? [...blocks(content), ...calls(place)] : [];
    if (parts.length > 0) return [{ role: stringOf(member(place, "role")) ?? "assistant", parts }];
  }
  return null;
}

function text(node) {
  const parts = blocks(node).filter((part) => part.type === "text");
  return parts.length > 0 ? parts.map((part) => part.text).join("\n") : null;
}

export function toolCall(payload, result) {
  const inputs = member(payload, "inputs");
  const name = ["tool_name", "toolName", "tool"].map((key) => member(payload, key) ?? member(inputs, key)).find((node) => node?.type === "string");
  if (!name) return null;
  const args = member(inputs, "arguments") ?? member(inputs, "input") ?? member(payload, "arguments") ?? member(payload, "input") ?? inputs;
  const output = member(result, "outputs", "output") ?? member(result, "output") ?? member(result, "outputs") ?? member(result, "result");
  return { call: call(name, args), output };
}

export function summaryOf(node, limit = 80) {
  return node === undefined ? "" : compact(node, limit);
}

// The tree keeps what `JSON.parse` loses: every digit of a number, the order and the repetition of keys.
// The parser has its own stack, so that no depth of nesting overflows the engine's. A node is `{ type, text }`,
// `{ type: "string", value }`, `{ type: "array", items }` or `{ type: "object", keys, items }`.

export function parseTree(text) {
  try {
    return new Parser(text).parse();
  } catch {
    return { type: "string", value: text };
  }
}

class Parser {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  parse() {
    const stack = [];
    let key = null;
    for (;;) {
      let node = this.#start();
      const isContainer = node.items !== undefined;
      if (stack.length > 0) this.#attach(stack.at(-1), key, node);
      key = null;
      if (isContainer && !this.#skip(node.type === "array" ? "]" : "}")) {
        stack.push(node);
        key = node.type === "object" ? this.#key() : null;
        continue;
      }
      for (;;) {
        const parent = stack.at(-1);
        if (!parent) return this.#end(node);
        if (this.#skip(",")) {
          key = parent.type === "object" ? this.#key() : null;
          break;
        }
        this.#expect(parent.type === "array" ? "]" : "}");
        node = stack.pop();
      }
    }
  }

  #attach(parent, key, node) {
    if (parent.type === "object") parent.keys.push(key);
    parent.items.push(node);
  }

  #end(node) {
    this.#space();
    if (this.at < this.text.length) throw new SyntaxError("more follows");
    return node;
  }

  #key() {
    this.#space();
    const key = this.#string();
    this.#expect(":");
    return key;
  }

  #start() {
    this.#space();
    const first = this.text[this.at];
    if (first === "{" || first === "[") {
      this.at += 1;
      return first === "{" ? { type: "object", keys: [], items: [] } : { type: "array", items: [] };
    }
    if (first === '"') return { type: "string", value: this.#string() };
    const end = this.#until(/[\s,\]}]/g);
    const text = this.text.slice(this.at, end);
    if (!/^(true|false|null|-?\d[\d.eE+-]*)$/.test(text)) throw new SyntaxError("no value");
    this.at = end;
    return { type: /^[tfn]/.test(text) ? "literal" : "number", text };
  }

  #string() {
    if (this.text[this.at] !== '"') throw new SyntaxError("no string");
    const begin = this.at;
    let end = begin;
    let slashes;
    do {
      end = this.text.indexOf('"', end + 1);
      if (end < 0) throw new SyntaxError("a string without an end");
      slashes = 0;
      while (this.text[end - 1 - slashes] === "\\") slashes += 1;
    } while (slashes % 2 === 1);
    this.at = end + 1;
    return JSON.parse(this.text.slice(begin, this.at));
  }

  #until(pattern) {
    pattern.lastIndex = this.at;
    return pattern.exec(this.text)?.index ?? this.text.length;
  }

  #space() {
    this.at = this.#until(/[^ \t\r\n]/g);
  }

  #skip(character) {
    this.#space();
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  #expect(character) {
    if (!this.#skip(character)) throw new SyntaxError(`no ${character}`);
  }
}

// The last of repeated keys counts, as in `JSON.parse`.
export function member(node, ...names) {
  return names.reduce((at, name) => {
    if (at?.type !== "object") return undefined;
    const index = at.keys.lastIndexOf(name);
    return index < 0 ? undefined : at.items[index];
  }, node);
}

export function stringOf(node) {
  return node?.type === "string" ? node.value : undefined;
}

export function compact(root, limit = Infinity) {
  const parts = [];
  let length = 0;
  const put = (text) => {
    parts.push(text);
    length += text.length;
  };
  const waiting = [root];
  while (waiting.length > 0) {
    if (length > limit) {
      put("…");
      break;
    }
    const next = waiting.pop();
    if (typeof next === "string") put(next);
    else if (next.type === "string") put(JSON.stringify(next.value.length > limit ? `${next.value.slice(0, limit)}…` : next.value));
    else if (next.text !== undefined) put(next.text);
    else {
      const isObject = next.type === "object";
      waiting.push(isObject ? "}" : "]");
      for (let index = next.items.length - 1; index >= 0; index -= 1) {
        waiting.push(next.items[index]);
        if (isObject) waiting.push(`${JSON.stringify(next.keys[index])}: `);
        if (index > 0) waiting.push(", ");
      }
      waiting.push(isObject ? "{" : "[");
    }
  }
  return parts.join("");
}

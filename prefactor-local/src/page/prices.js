// Prices are for a million tokens. Each has its date, because prices change and the server asks no network.

import { button, dialog, element } from "/page/dom.js";
import { get, send } from "/page/server.js";
import { date } from "/page/time.js";

let known = null;
const listeners = new Set();

export async function pricesOf() {
  known ??= get("/page/prices").then((answer) => answer?.prices ?? [], () => []);
  return known;
}

export function onPrices(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export async function editPrices(models) {
  const prices = await pricesOf();
  const body = element("tbody", {});
  const missing = models.filter((model) => !prices.some((price) => model.toLowerCase().startsWith(price.model.toLowerCase())));
  const add = (price) => body.append(priceLine(price));
  prices.forEach(add);
  missing.forEach((model) => add({ model }));
  if (body.rows.length === 0) add({});
  const headings = ["Model (name or its beginning)", "Input", "Cached input", "Output", "As of", ""].map((text) => element("th", { scope: "col" }, text));
  const problem = element("p", { class: "problem", role: "alert" });
  const form = element(
    "form",
    {},
    element("table", { class: "prices" }, element("thead", {}, element("tr", {}, ...headings)), body),
    element("div", { class: "buttons" }, button("Add a model", { class: "plain" }, () => add({})), button("Save", { type: "submit", class: "primary" }, () => {})),
    problem,
  );
  const node = dialog("Prices", element("p", { class: "quiet" }, "US dollars for a million tokens. They are kept in this server's database and never fetched."), form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const lines = [...body.rows].map(read).filter((price) => price.model !== "");
      await send("PUT", "/page/prices", { prices: lines });
      known = null;
      node.close();
      listeners.forEach((listener) => listener());
    } catch (error) {
      problem.textContent = error.message;
    }
  });
}

function priceLine({ model = "", input, cached, output, as_of: asOf = date(new Date()) }) {
  const number = (name, label, value, required) => element("input", { name, type: "number", min: "0", step: "any", "aria-label": label, value: value ?? undefined, required });
  const fields = [
    element("input", { name: "model", type: "text", "aria-label": "Model", value: model, spellcheck: "false" }),
    number("input", "Input price", input, ""),
    number("cached", "Cached input price", cached),
    number("output", "Output price", output, ""),
    element("input", { name: "as_of", type: "date", "aria-label": "As of", value: asOf, required: "" }),
  ];
  const remove = button("Remove", { class: "plain" }, () => row.remove());
  const row = element("tr", {}, ...[...fields, remove].map((field) => element("td", {}, field)));
  return row;
}

function read(row) {
  const field = (name) => row.querySelector(`[name=${name}]`).value.trim();
  const cached = field("cached");
  return { model: field("model"), input: Number(field("input")), cached: cached === "" ? null : Number(cached), output: Number(field("output")), as_of: field("as_of") };
}

// Attacks in what the run of `hostile.mjs` has not: versions, tags, messages, tools, models, prices, quality, alerts, schemas, marks.

import { api, finish, span } from "../api.mjs";
import { close, open, overflow, scrutinise } from "../browser.mjs";
import { panel, rows, runs, VIEWS } from "../page.mjs";

const { HOSTILE, PAGE_URL } = process.env;

async function record(version) {
  const schema = { name: HOSTILE, schema: { type: "object" }, title: HOSTILE, template: `${HOSTILE} {{ score }}` };
  const spanType = { name: `llm:${HOSTILE}`, title: HOSTILE, description: HOSTILE, template: `${HOSTILE} {{ question }}`, params_schema: { type: "object", title: HOSTILE, required: [HOSTILE] } };
  const body = {
    agent_version: { name: HOSTILE, external_identifier: HOSTILE.slice(0, 200) + version, description: HOSTILE },
    agent_schema_version: { external_identifier: "1", span_type_schemas: [spanType], quality_schemas: [schema], alert_schemas: [schema] },
    external_identifier: HOSTILE.slice(0, 200) + version,
  };
  const { details } = await api("agent_instance/register", body);
  const run = details.id;
  await api(`agent_instance/${run}/start`, {});
  const tools = [{ id: HOSTILE, type: "function", function: { name: HOSTILE, arguments: JSON.stringify({ [HOSTILE]: HOSTILE }) } }];
  const messages = [
    { role: HOSTILE, name: HOSTILE, content: HOSTILE },
    { role: "assistant", content: null, tool_calls: tools },
    { role: "tool", content: JSON.stringify({ [HOSTILE]: [HOSTILE] }) },
    { role: "user", content: [{ type: HOSTILE, [HOSTILE]: HOSTILE }, { type: "text", text: HOSTILE }] },
  ];
  const events = [{ name: HOSTILE, at: new Date().toISOString(), data: { [HOSTILE]: HOSTILE } }];
  const secret = { $sensitive: "string", value: HOSTILE, labels: [HOSTILE] };
  const root = await span(run, "agent:run", { question: HOSTILE + version, tags: [HOSTILE], session_id: HOSTILE, user_id: HOSTILE });
  const chat = await span(run, `llm:${HOSTILE}`, { name: HOSTILE, model: HOSTILE, messages, secret }, { parent_span_id: root, sensitive_encoding: true, result_payload: { usage: { input_tokens: 5, output_tokens: 6 }, events, answer: HOSTILE + version } });
  const tool = await span(run, "tool:call", { tool_name: HOSTILE, arguments: { [HOSTILE]: HOSTILE } }, { parent_span_id: root, status: "failed", result_payload: { error_type: HOSTILE, message: HOSTILE, stacktrace: HOSTILE } });
  await api(`agent_instance/${run}/record_quality`, { name: HOSTILE, payload: { score: 1, [HOSTILE]: HOSTILE } });
  await api("alerts/raise", { agent_instance_id: run, name: HOSTILE, severity: "critical", payload: { [HOSTILE]: HOSTILE } });
  await finish(run);
  return { run, chat, tool };
}

export async function play(browser) {
  const prices = [{ model: HOSTILE.slice(0, 90), input: 1, cached: null, output: 2, as_of: "2026-01-31" }];
  await fetch(`${PAGE_URL}/page/prices`, { method: "PUT", headers: { "content-type": "application/json", "prefactor-page": "1" }, body: JSON.stringify({ prices }) });
  const [first, second] = [await record("1"), await record("2")];
  const seen = { overflow: {}, shown: [] };
  for (const { name, ...options } of VIEWS) {
    const page = await open(browser, options, "/");
    const look = async (scene) => {
      seen.overflow[`${name} ${scene}`] = await overflow(page);
      await scrutinise(page);
    };
    await runs(page).nth(1).waitFor();
    await page.getByLabel("Tag").selectOption({ index: 1 });
    await page.getByLabel("Agent", { exact: true }).selectOption({ index: 1 });
    await page.waitForURL((url) => url.searchParams.has("agent") && url.searchParams.has("tag"));
    await runs(page).nth(1).waitFor();
    await look("list");
    await page.getByRole("searchbox", { name: "Search runs" }).fill(HOSTILE);
    await page.waitForURL((url) => url.searchParams.has("q"));
    await look("search");
    for (const id of [first.chat, first.tool]) {
      await page.goto(`${PAGE_URL}/runs/${first.run}?span=${id}`);
      await panel(page).getByText(id, { exact: true }).first().waitFor();
      for (const button of await panel(page).getByRole("button", { name: /^Show the sensitive/ }).all()) await button.click();
      for (const details of await panel(page).locator("details").all()) await details.evaluate((node) => (node.open = true));
      seen.shown.push(await panel(page).evaluate((node) => node.textContent.split("<script>window.__xss = 1</script>").length - 1));
      await look("span");
    }
    await page.goto(`${PAGE_URL}/runs/${first.run}?view=figures`);
    await page.getByText("Prices of 2026-01-31").waitFor();
    await look("figures");
    await page.getByRole("button", { name: "Edit prices…" }).click();
    await page.getByRole("dialog", { name: "Prices" }).waitFor();
    await look("prices");
    await page.keyboard.press("Escape");
    await page.goto(`${PAGE_URL}/compare?a=${first.run}`);
    await page.locator(".choices").getByRole("link").first().waitFor();
    await look("choices");
    await page.goto(`${PAGE_URL}/compare?a=${first.run}&b=${second.run}`);
    await page.getByRole("button", { name: /differs/ }).nth(1).click();
    await page.locator(".diff").first().waitFor();
    await look("difference");
    await page.goto(`${PAGE_URL}/runs/${first.run}`);
    await page.getByRole("searchbox", { name: "Search the spans" }).fill("script");
    await page.getByText("found").waitFor();
    await rows(page).first().waitFor();
    await look("search in a run");
    await close(page);
  }
  return seen;
}

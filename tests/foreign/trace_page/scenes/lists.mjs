import { bulk, register, span, finish } from "../api.mjs";
import { close, open, screenshot } from "../browser.mjs";
import { DESKTOP, labels, rows, runs } from "../page.mjs";

const RUNS = 5000;

async function record() {
  const schemas = { external_identifier: "1", span_type_schemas: [] };
  const registered = await bulk(
    Array.from({ length: RUNS }, (_, index) => ({
      _type: "agent_instances/register",
      agent_version: { name: index % 50 === 7 ? "rare agent" : "crowd", external_identifier: "1" },
      agent_schema_version: schemas,
    })),
  );
  await bulk(
    registered.map(({ id }, index) => ({
      _type: "agent_spans/create",
      details: {
        agent_instance_id: id,
        schema_name: "agent:run",
        status: index % 100 === 3 ? "failed" : "complete",
        payload: { question: `question number ${index}`, ...(index % 500 === 9 ? { tags: ["nightly"] } : {}) },
        result_payload: index === 1234 ? { answer: "a zebrafish in the result" } : {},
      },
    })),
  );
}

const range = (page) => page.locator(".pages .number").textContent();
const first = async (page) => (await labels(runs(page)))[0];

async function until(page, text) {
  await page.locator(".pages").getByText(text).waitFor();
}

export async function play(browser) {
  await record();
  const page = await open(browser, DESKTOP, "/");
  await until(page, "of 5,000 runs");
  const seen = { first: await first(page) };
  await page.getByRole("link", { name: "Older runs" }).click();
  await until(page, "101–200");
  seen.second = await first(page);
  await page.getByRole("link", { name: "Last page" }).click();
  await until(page, "4,901–5,000");
  seen.last = (await labels(runs(page))).at(-1);
  await screenshot(page, "last-page");
  await page.goBack();
  await until(page, "101–200");

  const search = page.getByRole("searchbox", { name: "Search runs" });
  await page.keyboard.press("/");
  await page.keyboard.type("zebrafish result");
  await until(page, "1–1 of 1 run");
  seen.found = await first(page);
  await search.fill("4321");
  await runs(page).filter({ hasText: "4321" }).waitFor();
  seen.byNumber = await first(page);
  await search.fill("no such word");
  await page.getByRole("heading", { name: "No run matches" }).waitFor();
  await page.getByRole("link", { name: "Clear the search" }).click();
  await until(page, "of 5,000 runs");

  await page.getByLabel("Errors only").check();
  await until(page, "of 50 runs");
  seen.errors = await range(page);
  await page.getByLabel("Agent", { exact: true }).selectOption("rare agent");
  await page.getByRole("heading", { name: "No run matches" }).waitFor();
  await page.getByLabel("Errors only").uncheck();
  await until(page, "of 100 runs");
  seen.agent = await range(page);
  await page.getByLabel("Agent", { exact: true }).selectOption("");
  await page.getByLabel("Tag").selectOption("nightly");
  await until(page, "of 10 runs");
  seen.tag = await range(page);
  await page.getByLabel("Tag").selectOption("");
  await page.getByLabel("Status").selectOption("active");
  await page.getByRole("heading", { name: "No run matches" }).waitFor();

  const late = await register("latecomer");
  await span(late, "agent:run", { question: "Who comes last?" });
  await until(page, "of 1 run");
  seen.live = await first(page);
  await finish(late);
  await page.getByRole("heading", { name: "No run matches" }).waitFor();
  await page.getByLabel("Status").selectOption("");
  const old = await register("long ago", "1", new Date(Date.now() - 3 * 86_400_000).toISOString());
  await finish(old);
  await until(page, "of 5,002 runs");
  for (const [time, count] of [["1h", "5,001"], ["7d", "5,002"], ["24h", "5,001"]]) {
    await page.getByLabel("Time").selectOption(time);
    await until(page, `of ${count} runs`);
  }
  await search.fill(late);
  await until(page, "of 1 run");
  await runs(page).first().click();
  await rows(page).first().waitFor();
  await page.goBack();
  await until(page, "of 1 run");
  seen.kept = await search.inputValue();
  seen.late = late;
  await close(page);
  return seen;
}

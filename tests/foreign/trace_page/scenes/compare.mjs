import { finish, register, span } from "../api.mjs";
import { close, open, screenshot } from "../browser.mjs";
import { DESKTOP, labels as labelsOf, runs } from "../page.mjs";

async function record(answer, extra) {
  const run = await register("twin", extra ? "2" : "1");
  const root = await span(run, "agent:run", { question: "Why?" }, { result_payload: { answer } });
  const usage = { token_usage: { prompt_tokens: 1_000_000, completion_tokens: 500_000, total_tokens: 1_500_000 } };
  await span(run, "llm:chat", { model: "test-model-2026", prompt: "Why?" }, { parent_span_id: root, result_payload: { text: answer, ...usage } });
  if (extra) await span(run, "tool:extra", { path: "a" }, { parent_span_id: root });
  await span(run, "tool:same", { path: "b" }, { parent_span_id: root });
  await finish(run);
  return run;
}

export async function play(browser) {
  await record("because", false);
  await record("therefore", true);
  const page = await open(browser, DESKTOP, "/");
  await runs(page).nth(1).waitFor();
  for (const box of await page.getByRole("checkbox", { name: /^Compare/ }).all()) await box.check();
  await page.getByRole("button", { name: "Compare (2 of 2)" }).click();
  const pairs = page.getByRole("list", { name: "Spans of both runs" }).getByRole("button");
  await pairs.nth(3).waitFor();
  const labels = await Promise.all((await pairs.all()).map((pair) => pair.getAttribute("aria-label")));
  await pairs.filter({ hasText: "llm:chat" }).click();
  const difference = page.getByRole("complementary", { name: "Difference" });
  await difference.locator(".diff").first().waitFor();
  const lines = await difference.locator("[data-sign='+'], [data-sign='−']").allTextContents();
  const marked = page.locator(".pair[aria-current=true]");
  await marked.waitFor();
  const chosen = await labelsOf(marked);
  await screenshot(page, "compare");
  await page.keyboard.press("d");
  await page.waitForFunction(() => document.querySelectorAll(".pair").length === 3);

  await page.goto(`${process.env.PAGE_URL}/`);
  await runs(page).first().click();
  await page.getByRole("tab", { name: "Figures" }).click();
  await page.getByText("No price for test-model-2026").waitFor();
  await page.getByRole("button", { name: "Edit prices…" }).click();
  const dialog = page.getByRole("dialog", { name: "Prices" });
  await dialog.getByLabel("Model").fill("test-model");
  await dialog.getByLabel("Input price", { exact: true }).fill("2");
  await dialog.getByLabel("Output price").fill("8");
  await dialog.getByLabel("As of").fill("2026-01-31");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByText("Prices of 2026-01-31").waitFor();
  const figures = await page.locator(".figures").textContent();
  await screenshot(page, "figures");
  await page.getByRole("link", { name: "All runs" }).click();
  await runs(page).filter({ hasText: "$6.00" }).first().waitFor();
  const costs = await page.locator(".run .cost").allTextContents();

  // From a run, the other one is chosen from a list.
  await runs(page).first().click();
  await page.getByRole("button", { name: "Compare…" }).click();
  const choices = page.locator(".choices").getByRole("link");
  await choices.first().waitFor();
  await page.setViewportSize({ width: 1000, height: 500 });
  // The first frame is for the change of size, the second for the drawing that it requests.
  await page.evaluate(async () => {
    for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
  });
  const offered = await choices.count();
  await choices.first().click();
  await pairs.nth(3).waitFor();
  await page.goBack();
  await choices.first().waitFor();
  await close(page);
  return { labels, chosen, lines, figures, costs, offered };
}

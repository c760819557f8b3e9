import { finish, register, span } from "../api.mjs";
import { close, open, screenshot } from "../browser.mjs";
import { DESKTOP, panel, rows, runs } from "../page.mjs";

const at = (seconds) => new Date(Date.parse("2026-01-31T12:00:00Z") + seconds * 1000).toISOString();
const during = (from, to, more) => ({ started_at: at(from), finished_at: at(to), ...more });
const focused = (page) => page.evaluate(() => document.activeElement.getAttribute("aria-label"));

export async function play(browser) {
  const run = await register("keys");
  const root = await span(run, "agent:run", { question: "Where?" }, during(0, 10));
  const step = await span(run, "agent:step", { name: "Look around" }, during(0, 6, { parent_span_id: root }));
  await span(run, "tool:fast", { path: "fast" }, during(0, 1, { parent_span_id: step }));
  await span(run, "tool:slow", { path: "slow" }, during(0, 5, { parent_span_id: step }));
  await span(run, "tool:broken", { path: "b" }, during(6, 9, { parent_span_id: root, status: "failed", result_payload: { error_type: "Broken", message: "it broke" } }));
  await finish(run, "failed");
  const page = await open(browser, DESKTOP, "/");
  await runs(page).first().waitFor();
  await runs(page).first().focus();
  await page.keyboard.press("Enter");
  await rows(page).nth(4).waitFor();
  await rows(page).first().focus();
  const seen = { path: [] };
  const step1 = async (key) => {
    await page.keyboard.press(key);
    seen.path.push(await focused(page));
  };
  await step1("ArrowDown");
  await step1("ArrowLeft");
  seen.folded = await rows(page).count();
  await step1("ArrowRight");
  await step1("ArrowRight");
  await step1("ArrowLeft");
  await step1("End");
  await step1("Home");
  await page.keyboard.press("e");
  await panel(page).getByText("it broke").first().waitFor();
  await page.keyboard.press("c");
  seen.critical = await rows(page).evaluateAll((nodes) => nodes.filter((node) => node.hasAttribute("data-path")).map((node) => node.querySelector(".kind").textContent));
  await page.keyboard.press("z");
  seen.zoomed = await page.locator(".axis").textContent();
  await page.keyboard.press("0");
  await page.keyboard.press("f");
  seen.errorsFirst = await rows(page).evaluateAll((nodes) => nodes.sort((a, b) => a.ariaPosInSet - b.ariaPosInSet).map((node) => node.querySelector(".kind").textContent));
  await page.keyboard.press("?");
  seen.help = await page.getByRole("dialog", { name: "Keyboard" }).textContent();
  await screenshot(page, "help");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await panel(page).waitFor({ state: "hidden" });
  seen.back = await focused(page);
  await page.keyboard.press("/");
  await page.keyboard.type("slow");
  await page.getByText("1 found").waitFor();
  seen.matched = await rows(page).evaluateAll((nodes) => nodes.filter((node) => !node.hasAttribute("data-dim")).map((node) => node.querySelector(".kind").textContent));
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await runs(page).first().waitFor();
  // Screen readers need a name for everything that can be operated.
  seen.nameless = await page.evaluate(() => [...document.querySelectorAll("button, a, input, select")].filter((node) => !node.hidden && !(node.getAttribute("aria-label") || node.textContent.trim() || node.labels?.[0]?.textContent.trim())).map((node) => node.outerHTML));
  await close(page);
  return seen;
}

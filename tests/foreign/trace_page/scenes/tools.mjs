// The tools beside a trace: views, zoom, steps through errors and matches, folding; and a name for each control.

import { finish, register, span } from "../api.mjs";
import { close, open } from "../browser.mjs";
import { chosen, DESKTOP, panel, rows, runs, tab } from "../page.mjs";

// A thousand seconds that end now, so that the run, which is finished now, is as long as its spans.
const START = Date.now() - 1_000_000;
const at = (parts) => new Date(START + parts * 10_000).toISOString();
const during = (from, to, more) => ({ started_at: at(from), finished_at: at(to), ...more });

// Returns the hundredths of the time axis that the bar of a type of span takes, or null if no bar is in sight.
async function share(page, kind) {
  return page.evaluate((kind) => {
    const row = [...document.querySelectorAll(".row")].find((node) => node.querySelector(".kind").textContent === kind);
    const [bar, track] = [".bar", ".track"].map((part) => row.querySelector(part).getBoundingClientRect());
    return track.width === 0 || bar.width === 0 ? null : Math.round((100 * bar.width) / track.width);
  }, kind);
}

// Screen readers need a name for everything that can be operated.
const nameless = (page) =>
  page.evaluate(() => {
    const isNamed = (node) => node.getAttribute("aria-label") || node.textContent.trim() || node.labels?.[0]?.textContent.trim();
    return [...document.querySelectorAll("button, a, input, select, textarea, summary, [role=tab], [role=treeitem], [role=dialog], dialog")]
      .filter((node) => node.checkVisibility() && !isNamed(node))
      .map((node) => node.outerHTML.slice(0, 200));
  });

export async function play(browser) {
  const run = await register("tools", "1", at(0));
  const root = await span(run, "agent:run", { question: "Where?" }, during(0, 100));
  const failed = { status: "failed", result_payload: { error_type: "Broken", message: "it broke" } };
  const errors = [];
  for (const [kind, from] of [["tool:first", 10], ["tool:second", 40], ["tool:third", 80]]) {
    errors.push(await span(run, kind, { path: "needle" }, during(from, from + 10, { parent_span_id: root, ...failed })));
  }
  await span(run, "tool:fine", { path: "hay" }, during(92, 94, { parent_span_id: root }));
  await finish(run, "failed");
  await register("other");

  const seen = { nameless: {} };
  const page = await open(browser, DESKTOP, "/");
  await runs(page).nth(1).waitFor();
  seen.file = await page.locator(".pages").textContent();
  seen.nameless.list = await nameless(page);
  await page.goto(`${process.env.PAGE_URL}/runs/${run}`);
  await rows(page).nth(4).waitFor();

  // Each step is told by the number of the error that is chosen.
  seen.steps = [];
  const step = async (act) => {
    const before = page.url();
    await act();
    await page.waitForFunction((before) => location.href !== before, before);
    seen.steps.push(errors.indexOf(await chosen(page)));
  };
  const press = (name) => () => page.getByRole("button", { name, exact: true }).click();
  const key = (name) => () => page.keyboard.press(name);
  for (const act of [key("e"), key("e"), key("E"), key("E"), press("Previous error"), press("Next error")]) await step(act);
  seen.nameless.run = await nameless(page);
  await page.keyboard.press("Escape");
  await panel(page).waitFor({ state: "hidden" });

  await page.keyboard.press("/");
  await page.keyboard.type("needle");
  await page.getByText("3 found").waitFor();
  await page.keyboard.press("Escape");
  seen.matches = [];
  for (const name of ["n", "n", "N"]) {
    await page.keyboard.press(name);
    await page.waitForFunction((last) => new URLSearchParams(location.search).get("span") !== last, errors[seen.matches.at(-1)] ?? null);
    seen.matches.push(errors.indexOf(await chosen(page)));
  }
  const field = page.getByRole("searchbox", { name: "Search the spans" });
  seen.searched = await field.inputValue();
  await field.fill("");
  await page.keyboard.press("Escape");
  await page.getByText("3 found").waitFor({ state: "hidden" });

  // The chosen span, of a tenth of the run, fills the axis but for its margins.
  const shares = [];
  const zoom = async (act) => {
    if (act) await act();
    shares.push(await share(page, "tool:first"));
  };
  await zoom();
  for (const act of [key("z"), key("0"), key("+"), press("Zoom out"), press("Zoom in"), press("Show the whole time")]) await zoom(act);
  const axis = await page.locator(".axis").boundingBox();
  await page.mouse.move(axis.x + 0.05 * axis.width, axis.y + axis.height / 2);
  await page.mouse.down();
  await page.mouse.move(axis.x + 0.45 * axis.width, axis.y + axis.height / 2, { steps: 4 });
  await page.mouse.up();
  await zoom();
  await page.locator(".axis").dblclick();
  await zoom();
  seen.shares = shares;

  seen.views = {};
  for (const name of ["Tree", "List", "Waterfall"]) {
    await tab(page, name).click();
    await page.locator(`.chart[data-form="${name.toLowerCase()}"]`).waitFor();
    const levels = await rows(page).evaluateAll((nodes) => nodes.map((node) => node.getAttribute("aria-level")).join(""));
    seen.views[name] = { levels, hasBars: (await share(page, "agent:run")) !== null, chosen: await tab(page, name).getAttribute("aria-selected") };
  }
  await page.getByRole("button", { name: "Collapse all spans" }).click();
  seen.collapsed = await rows(page).count();
  await page.getByRole("button", { name: "Expand all spans" }).click();
  seen.expanded = await rows(page).count();
  await rows(page).first().locator(".fold").click();
  seen.folded = await rows(page).count();

  await tab(page, "Figures").click();
  await page.getByText("By span type").waitFor();
  seen.nameless.figures = await nameless(page);
  await page.getByRole("button", { name: "Edit prices…" }).click();
  await page.getByRole("dialog", { name: "Prices" }).waitFor();
  seen.nameless.prices = await nameless(page);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Compare…" }).click();
  await page.getByRole("dialog").or(page.locator(".choices")).first().waitFor();
  seen.nameless.choices = await nameless(page);
  await close(page);
  return seen;
}

// Uses the trace page as a person would, and prints what it saw as one line of JSON.
//
// The run RUN is stored already; a second one happens while the page is open.

import { close, complaints, launch, open, overflow, screenshot, scrutinise } from "./browser.mjs";

const { PAGE_URL, TOKEN, RUN, HOSTILE } = process.env;
const VIEWS = [
  { name: "light", viewport: { width: 1280, height: 800 }, colorScheme: "light" },
  { name: "dark", viewport: { width: 1280, height: 800 }, colorScheme: "dark" },
  { name: "phone", viewport: { width: 390, height: 844 }, colorScheme: "light", isMobile: true, hasTouch: true },
];
const LIMIT = 50_000;

const runs = (page) => page.getByRole("navigation", { name: "Runs" }).getByRole("link");
const rows = (page) => page.getByRole("list", { name: "Spans" }).getByRole("listitem");
const detail = (page) => page.getByRole("complementary", { name: "Span" });
const label = (link) => link.getAttribute("aria-label");
const chosen = (page) => new URL(page.url()).searchParams.get("span");

async function api(path, body) {
  const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
  const response = await fetch(`${PAGE_URL}/api/v1/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()).details;
}

// A row's text, and where its name begins and the row lies: what shows a tree.
async function row(item) {
  const place = await item.evaluate((node) => {
    const texts = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    // The mark before the name is of one character.
    while (texts.nextNode()) if (texts.currentNode.length > 1) break;
    range.selectNodeContents(texts.currentNode);
    return { name: texts.currentNode.data, left: range.getBoundingClientRect().left, top: node.getBoundingClientRect().top };
  });
  return { ...place, label: await label(item.getByRole("link")) };
}

async function shown(page, id) {
  await page.waitForURL((url) => url.searchParams.get("span") === id);
  await detail(page).getByText(id, { exact: true }).first().waitFor();
  return detail(page).evaluate((panel) => panel.textContent);
}

// From the list of runs to one span, in one of the sizes and colours.
async function view(browser, { name, ...options }) {
  const page = await open(browser, options, "/");
  const seen = { name, overflow: [] };
  const look = async (scene) => {
    seen.overflow.push(await overflow(page));
    await scrutinise(page);
    await screenshot(page, `${name}-${scene}`);
  };
  await runs(page).first().waitFor();
  seen.runs = await Promise.all((await runs(page).all()).map(label));
  seen.background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await look("runs");
  await runs(page).first().click();
  await page.waitForURL(`**/runs/${RUN}`);
  await rows(page).first().waitFor();
  seen.rows = await Promise.all((await rows(page).all()).map(row));
  seen.heading = await page.getByRole("main").getByRole("heading").first().textContent();
  await look("run");
  await rows(page).first().getByRole("link").click();
  await detail(page).waitFor();
  await shown(page, chosen(page));
  await look("span");
  await close(page);
  return seen;
}

// The first span by mouse, the others by keyboard, each of them again by its address.
async function spans(browser) {
  const page = await open(browser, VIEWS[0], `/runs/${RUN}`);
  await rows(page).first().getByRole("link").click();
  await detail(page).waitFor();
  const seen = [{ id: chosen(page), text: await shown(page, chosen(page)) }];
  for (let index = 1; index < (await rows(page).count()); index += 1) {
    await page.keyboard.press("ArrowDown");
    const before = chosen(page);
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.searchParams.get("span") !== before);
    seen.push({ id: chosen(page), text: await shown(page, chosen(page)) });
    await scrutinise(page);
  }
  await screenshot(page, "last-span");
  await page.keyboard.press("Escape");
  await detail(page).waitFor({ state: "hidden" });
  for (const span of seen) {
    await page.goto(`${PAGE_URL}/runs/${RUN}?span=${span.id}`);
    span.linked = await shown(page, span.id);
    span.current = await label(page.locator("[aria-current=true]"));
  }
  await close(page);
  return seen;
}

// A run that begins, goes on and is ended from outside, before the eyes of the reader.
async function live(browser) {
  const page = await open(browser, VIEWS[0], "/");
  await page.evaluate(() => (window.__loaded = "once"));
  const schemas = { external_identifier: "1", span_type_schemas: [] };
  const { id } = await api("agent_instance/register", { agent_version: { name: "latecomer" }, agent_schema_version: schemas });
  await api(`agent_instance/${id}/start`, {});
  await runs(page).filter({ hasText: "latecomer" }).click();
  const details = { agent_instance_id: id, schema_name: "agent:wait", status: "active", payload: {} };
  const span = await api("agent_spans", { details });
  const link = (status) => rows(page).getByRole("link", { name: new RegExp(`agent:wait.*${status}`) });
  await link("active").click();
  await detail(page).getByText("none yet").waitFor();
  await api(`agent_spans/${span.id}/finish`, { status: "complete", result_payload: { waited: HOSTILE } });
  await link("complete").waitFor();
  await detail(page).getByText("waited").waitFor();
  await api(`agent_instance/${id}/terminate`, { reason: HOSTILE });
  await page.getByRole("main").getByText("reason").waitFor();
  const reason = await page.getByRole("main").getByText("reason").textContent();
  await page.getByRole("link", { name: /latecomer.*terminated/ }).waitFor();
  await screenshot(page, "terminated");
  const seen = { reason, loaded: await page.evaluate(() => window.__loaded) };
  await close(page);
  return seen;
}

const browser = await launch();
// Whatever waits then fails, and the browser is ended with it, which a signal from outside might not do.
setTimeout(() => {
  complaints.push(`not done after ${LIMIT} ms`);
  browser.close();
}, LIMIT).unref();
try {
  const seen = { views: [] };
  for (const options of VIEWS) seen.views.push(await view(browser, options));
  seen.spans = await spans(browser);
  seen.live = await live(browser);
  console.log(JSON.stringify({ ...seen, complaints }));
} catch (error) {
  console.error(...complaints);
  throw error;
} finally {
  await browser.close();
}

// The browser reaches only the server, and `complaints` collects everything that a page should not do.

import { createRequire } from "node:module";

const { MODULES, CHROMIUM, PAGE_URL, SCREENSHOTS } = process.env;
// The modules are installed outside of the work tree, where an import would not look for them.
const { chromium } = createRequire(`${MODULES}/`)("playwright-core");

const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
ARGUMENTS.push("--disable-background-networking", "--disable-component-update", "--disable-sync");
const TIMEOUT = 10_000;
// Recorded text would have become one of these, had the page parsed it as markup.
const FROM_MARKUP = "[onerror], [onload], [href^='javascript:' i], script:not([src])";

export const complaints = [];

export async function launch(more = []) {
  return chromium.launch({ executablePath: CHROMIUM, args: [...ARGUMENTS, ...more], timeout: TIMEOUT });
}

export async function open(browser, options, path) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(TIMEOUT);
  const page = await context.newPage();
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`exception: ${error.message}`));
  page.on("dialog", (dialog) => dialog.dismiss().then(() => complaints.push(`dialog: ${dialog.message()}`)));
  page.on("popup", (popup) => complaints.push(`popup: ${popup.url()}`));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== PAGE_URL) complaints.push(`request: ${request.url()}`);
  });
  page.on("response", (response) => {
    if (!response.ok()) complaints.push(`response: ${response.status()} ${response.url()}`);
  });
  await page.exposeFunction("__refused", (text) => complaints.push(`policy: ${text}`));
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => window.__refused(`${event.violatedDirective} ${event.blockedURI}`));
  });
  await page.goto(PAGE_URL + path);
  return page;
}

// Scenes call this at their end, where the page shows the most.
export async function scrutinise(page) {
  const found = await page.evaluate((markup) => {
    const elements = [...document.querySelectorAll(markup)].map((element) => `element: ${element.outerHTML}`);
    return window.__xss === undefined ? elements : [...elements, "a recorded script ran"];
  }, FROM_MARKUP);
  complaints.push(...found);
}

export async function close(page) {
  await scrutinise(page);
  await page.context().close();
}

export async function overflow(page) {
  return page.evaluate(() => {
    const widths = [document.documentElement.scrollWidth, document.body.scrollWidth];
    return Math.max(...widths) - document.documentElement.clientWidth;
  });
}

export async function screenshot(page, name) {
  await page.screenshot({ path: `${SCREENSHOTS}/${name}.png` });
}

export const DESKTOP = { viewport: { width: 1280, height: 800 }, colorScheme: "light" };
export const VIEWS = [
  { name: "light", ...DESKTOP },
  { name: "dark", viewport: { width: 1280, height: 800 }, colorScheme: "dark" },
  { name: "phone", viewport: { width: 390, height: 844 }, colorScheme: "light", isMobile: true, hasTouch: true },
];

export const runs = (page) => page.getByRole("navigation", { name: "Runs" }).getByRole("link");
export const rows = (page) => page.getByRole("tree", { name: "Spans" }).getByRole("treeitem");
export const panel = (page) => page.getByRole("complementary", { name: "Span" });
export const chosen = (page) => new URL(page.url()).searchParams.get("span");
export const label = (link) => link.getAttribute("aria-label");
export const labels = async (links) => Promise.all((await links.all()).map(label));
export const tab = (page, name) => page.getByRole("tab", { name });

export async function shown(page, id) {
  await page.waitForURL((url) => url.searchParams.get("span") === id);
  await panel(page).getByText(id, { exact: true }).first().waitFor();
  return panel(page).evaluate((node) => node.textContent);
}

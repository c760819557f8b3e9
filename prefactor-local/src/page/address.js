// The address says what is shown: `/` all runs, `/runs/ID` one run, `/compare?a=ID&b=ID` two runs.

const changed = new Set();

export function address() {
  const { pathname, search } = location;
  const query = new URLSearchParams(search);
  if (pathname.startsWith("/runs/")) return { scene: "run", run: decodeURIComponent(pathname.slice(6)), query };
  if (pathname === "/compare") return { scene: "compare", query };
  return { scene: "runs", query };
}

export function runHref(run, span) {
  const base = `/runs/${encodeURIComponent(run)}`;
  return span ? `${base}?span=${encodeURIComponent(span)}` : base;
}

export function withQuery(changes) {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "" || value === undefined) query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  return location.pathname + (text ? `?${text}` : "");
}

export function onAddress(listener) {
  changed.add(listener);
}

export function go(href, { replace = false } = {}) {
  if (href !== location.pathname + location.search) history[replace ? "replaceState" : "pushState"](null, "", href);
  for (const listener of changed) listener();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-go]");
  if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(link.getAttribute("href"));
});

addEventListener("popstate", () => {
  for (const listener of changed) listener();
});

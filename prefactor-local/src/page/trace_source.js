// Events are listened to before the spans are read in parts, so that no change in between is missed.

import { get, listen } from "/page/server.js";
import { Spans } from "/page/spans.js";

// `changed(what)` is called with "run", "spans" or "missing".
export function traceSource(id, changed) {
  const path = `/page/runs/${encodeURIComponent(id)}`;
  const source = { run: null, spans: new Spans(), isComplete: false, now: () => Date.now() * 1000 + skew, stop };
  // The server's clock counts, so that the length of an open span does not depend on the browser's.
  let skew = 0;
  let isStopped = false;
  let round = 0;

  // An answer may be older than an event that came before it, so an end is never taken back.
  const put = (rows) => {
    source.spans.put(rows.filter((row) => row[6] !== null || (source.spans.byId.get(row[1])?.end ?? null) === null));
    changed("spans");
  };

  const takeRun = ({ run, now }) => {
    source.run = run;
    skew = now - Date.now() * 1000;
    changed("run");
  };

  async function load() {
    round += 1;
    const mine = round;
    const isCurrent = () => !isStopped && mine === round;
    try {
      const answer = await get(path);
      if (!isCurrent()) return;
      if (!answer) return changed("missing");
      takeRun(answer);
      let after = 0;
      while (after !== null) {
        const part = await get(`${path}/spans?after=${after}`);
        if (!isCurrent() || !part) return;
        put(part.spans);
        after = part.next;
      }
      source.isComplete = true;
      changed("spans");
    } catch {
      if (isCurrent()) setTimeout(load, 2000);
    }
  }

  const close = listen(`/page/events?run=${encodeURIComponent(id)}`, { run: takeRun, spans: (part) => put(part.spans), missed: load });
  load();

  function stop() {
    isStopped = true;
    close();
  }
  return source;
}

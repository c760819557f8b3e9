import { go } from "/page/address.js";
import { button, copyButton, element, mark, setMark, setText } from "/page/dom.js";
import { integer, tokens } from "/page/numbers.js";
import { agentOf, badges, costText, qualityOf, runDuration, titleOf } from "/page/run_row.js";
import { terminateDialog } from "/page/terminate.js";
import { oneLine } from "/page/text.js";
import { clock } from "/page/time.js";
import { sumUsage } from "/page/usage.js";

export function runHead(id) {
  const head = { mark: mark("pending"), title: element("h1", {}), badges: element("span", { class: "badges" }), facts: element("dl", { class: "facts" }), reason: element("p", { class: "reason" }), id: element("code", {}, id) };
  const compare = button("Compare…", { class: "plain" }, () => go(`/compare?a=${encodeURIComponent(id)}`));
  const terminate = button("Terminate…", { class: "danger" }, () => terminateDialog(id));
  const crumbs = element("p", { class: "crumbs" }, element("a", { href: "/", "data-go": "" }, "‹ All runs"), head.id, copyButton("Copy the run's id", () => id), element("span", { class: "actions" }, compare, terminate));
  const node = element("header", { class: "head" }, crumbs, element("div", { class: "heading" }, head.mark, head.title, head.badges), head.facts, head.reason);
  terminate.hidden = true;

  return {
    node,
    terminate: () => terminate.hidden || terminateDialog(id),
    draw(run, now, prices) {
      const usage = sumUsage(run.models, prices);
      const total = usage.input + usage.output;
      setMark(head.mark, run.status);
      setText(head.title, titleOf(run));
      head.badges.replaceChildren(...badges(run, now));
      terminate.hidden = run.status !== "active";
      const spans = [integer(run.spans), ...(run.open > 0 ? [`${integer(run.open)} open`] : []), ...(run.failed > 0 ? [`${integer(run.failed)} failed`] : []), ...(run.lost > 0 ? [`${integer(run.lost)} lost`] : [])];
      const facts = [
        ["Agent", agentOf(run)],
        ["Status", run.status],
        [run.started === null ? "Registered" : "Started", clock(run.started ?? run.registered)],
        ["Duration", runDuration(run, now)],
        ["Spans", spans.join(", ")],
        ["Tokens", total > 0 ? `${tokens(usage.input)} in, ${tokens(usage.output)} out` : ""],
        ["Cost", costText(usage)],
        ["Quality", qualityOf(run)],
        ["Alerts", run.alerts.map(({ name, severity }) => `${oneLine(name)} (${severity})`).join(", ")],
        ["Session", oneLine(run.session ?? "")],
        ["User", oneLine(run.user ?? "")],
        ["External id", run.question ? oneLine(run.external_identifier ?? "") : ""],
      ];
      const key = JSON.stringify(facts);
      if (head.facts.dataset.key !== key) {
        head.facts.dataset.key = key;
        head.facts.replaceChildren(...facts.filter(([, value]) => value).map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", { title: value }, value))));
      }
      setText(head.reason, run.reason ? `Terminated, reason: ${oneLine(run.reason)}` : "");
      head.reason.hidden = !run.reason;
    },
  };
}

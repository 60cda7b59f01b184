/**
 * How many plain questions a Statewave server's context answers, from what the connectors deliver:
 * node --conditions=@statewave-connectors/source bench/memory/score.ts [connector…] [--budget 500] [--against <checkout>] [--set <connector>.<option>=<TOML>] [--explain] [--json]
 *
 * README.md beside this file says what is measured and how to read it.
 */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { thisCheckout } from "./deliver/program.ts";
import { type ConnectorName, connectorNames, readCorpora } from "./questions/corpora.ts";
import { scoreOf } from "./questions/judge.ts";
import { type Row, runCorpora } from "./questions/run-corpora.ts";
import { toExplanations, toMisses, toTable } from "./questions/table.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    budget: { type: "string", multiple: true, default: ["500", "1000"] },
    /** The folder of another checkout, to compare with. It gets no `--set`: it may not know the option. */
    against: { type: "string" },
    set: { type: "string", multiple: true, default: [] },
    explain: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});

const wanted = positionals.map((name) => toConnector(name));
const budgets = values.budget.map(Number);
const corpora = readCorpora(wanted.length === 0 ? connectorNames : wanted);
const options = { budgets, entries: toEntries(values.set), isExplained: values.explain };
const rows = await runCorpora(corpora, { ...options, checkout: thisCheckout });
const others = values.against === undefined ? [] : await runCorpora(corpora, { checkout: resolve(values.against), budgets });
if (values.json) console.log(JSON.stringify({ rows: rows.map((row) => toJson(row)), others: others.map((row) => toJson(row)) }));
else console.log([toTable(rows, others), toMisses(rows), ...(values.explain ? [toExplanations(rows)] : [])].join("\n\n"));

function toConnector(name: string): ConnectorName {
  const found = connectorNames.find((known) => known === name);
  if (found === undefined) throw new Error(`no corpus of "${name}": there are ${connectorNames.join(", ")}`);
  return found;
}

function toEntries(assignments: readonly string[]): Partial<Record<ConnectorName, readonly string[]>> {
  const entries: Partial<Record<ConnectorName, readonly string[]>> = {};
  for (const assignment of assignments) {
    const [, connector = "", option = ""] = /^([a-z]+)\.(.+)$/.exec(assignment) ?? [];
    const name = toConnector(connector);
    entries[name] = [...(entries[name] ?? []), option];
  }
  return entries;
}

function toJson({ outcomes, ...row }: Row): unknown {
  const questions = outcomes.map(({ question, found, reason }) => ({ ask: question.ask, found, ...(found < 1 && { reason }) }));
  return { ...row, score: scoreOf(outcomes), of: outcomes.length, questions };
}

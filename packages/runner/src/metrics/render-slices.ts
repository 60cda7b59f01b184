import { setImmediate as nextTurn } from "node:timers/promises";
import type * as promClient from "prom-client";
import type { OpenSeries } from "./open-series.ts";
import { series } from "./series.ts";
import type { SeriesDefinition } from "./series-definition.ts";

/** So many lines take a millisecond or two. */
const linesPerSlice = 1_000;

const definitions: Readonly<Record<string, SeriesDefinition>> = series;

/**
 * The exposition of the runner's own metrics and, behind them, of other registries, slice by slice: the event loop turns in between. A
 * counter or gauge may have a series for each of 10,000 sources, which prom-client would write in one turn.
 */
export async function* renderSlices(
  metrics: OpenSeries,
  own: promClient.Registry,
  others: readonly promClient.Registry[],
): AsyncGenerator<string, void> {
  for (const [key, metric] of Object.entries(metrics)) {
    if (!("observe" in metric)) yield* slicesOf(metric);
    else yield `${await own.getSingleMetricAsString(definitions[key]?.name ?? key)}\n\n`;
    await nextTurn();
  }
  for (const registry of others) yield await registry.metrics();
}

async function* slicesOf(metric: Pick<promClient.Counter, "get">): AsyncGenerator<string, void> {
  const { name, help, type, values } = await metric.get();
  yield `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n# TYPE ${name} ${type}\n`;
  for (let from = 0; from < values.length; from += linesPerSlice) {
    await nextTurn();
    yield values
      .slice(from, from + linesPerSlice)
      .map(({ labels, value }) => `${name}${labelsText(labels)} ${numberText(value)}\n`)
      .join("");
  }
  yield "\n";
}

function labelsText(labels: Readonly<Record<string, string | number | undefined>>): string {
  const pairs: string[] = [];
  for (const [label, value] of Object.entries(labels)) pairs.push(`${label}="${escaped(String(value))}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(text: string): string {
  return /[\\"\n]/.test(text) ? text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"') : text;
}

function numberText(value: number): string {
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value);
  return value > 0 ? "+Inf" : "-Inf";
}

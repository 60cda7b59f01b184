import { setImmediate as nextTurn } from "node:timers/promises";
import type * as promClient from "prom-client";
import { HistogramParts } from "./histogram-parts.ts";
import type { OpenSeries } from "./open-series.ts";
import { series } from "./series.ts";
import type { SeriesDefinition } from "./series-definition.ts";

/** So many lines take a millisecond or two. */
const linesPerSlice = 1_000;

/** What the lines of a metric are read from. */
interface ReadableMetric {
  get(): Promise<{ readonly values: readonly SeriesValue[] }>;
}

interface SeriesValue {
  /** The metric's name with `_bucket`, `_sum` or `_count`: those of a histogram. */
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number | undefined>>;
  readonly value: number;
}

/**
 * The exposition of the runner's own metrics and, behind them, of other registries, slice by slice: the event loop turns in between. A
 * metric may have a series for each of 10,000 sources, which prom-client would write in one turn.
 */
export async function* renderSlices(metrics: OpenSeries, others: readonly promClient.Registry[]): AsyncGenerator<string, void> {
  for (const [key, definition] of Object.entries(series)) {
    const metric = metrics[key as keyof OpenSeries];
    yield headOf(definition);
    for (const part of metric instanceof HistogramParts ? metric.parts : [metric]) yield* slicesOf(definition.name, part);
    yield "\n";
    await nextTurn();
  }
  for (const registry of others) yield await registry.metrics();
}

function headOf({ name, help, type }: SeriesDefinition): string {
  return `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n# TYPE ${name} ${type}\n`;
}

async function* slicesOf(name: string, metric: ReadableMetric): AsyncGenerator<string, void> {
  const { values } = await metric.get();
  for (let from = 0; from < values.length; from += linesPerSlice) {
    await nextTurn();
    yield values
      .slice(from, from + linesPerSlice)
      .map(({ metricName = name, labels, value }) => `${metricName}${labelsText(labels)} ${numberText(value)}\n`)
      .join("");
  }
}

function labelsText(labels: SeriesValue["labels"]): string {
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

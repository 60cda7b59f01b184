import type * as promClient from "prom-client";
import { HistogramParts } from "./histogram-parts.ts";
import type { PromParts } from "./load-prom-client.ts";
import { series } from "./series.ts";
import type { SeriesDefinition } from "./series-definition.ts";

type MetricOf<Definition extends SeriesDefinition> = Definition["type"] extends "counter"
  ? promClient.Counter<Definition["labels"][number]>
  : Definition["type"] extends "gauge"
    ? promClient.Gauge<Definition["labels"][number]>
    : HistogramParts;

/** The metrics of `series`, under the same keys. */
export type OpenSeries = { readonly [Key in keyof typeof series]: MetricOf<(typeof series)[Key]> };

export interface SeriesOptions {
  /** Whether histograms have a series for each source, and not only for each kind. */
  readonly perSourceHistograms: boolean;
  /** `unhealthy`: counters of what is usual are summed by kind. */
  readonly perSource: "all" | "unhealthy";
}

/** Opens every metric of `series`. */
export function openSeries(prom: PromParts, options: SeriesOptions): OpenSeries {
  const open = (definition: SeriesDefinition) => {
    const { name, type, labels, help, buckets } = definition;
    const isSummed = sumsByKind(definition, options);
    const labelNames = isSummed ? labels.filter((label) => label !== "name") : labels;
    const configuration = { name, help, labelNames, registers: [] };
    if (type === "gauge") return new prom.Gauge(configuration);
    if (type === "counter") return isSummed ? summedByKind(new prom.Counter(configuration)) : new prom.Counter(configuration);
    return new HistogramParts(prom.Histogram, {
      name,
      help,
      labelNames,
      ...(buckets === undefined ? {} : { buckets: [...buckets] }),
    });
  };
  return Object.fromEntries(Object.entries(series).map(([key, definition]) => [key, open(definition)])) as unknown as OpenSeries;
}

function sumsByKind({ type, labels, isTrouble }: SeriesDefinition, { perSourceHistograms, perSource }: SeriesOptions): boolean {
  if (type === "histogram") return !perSourceHistograms;
  return type === "counter" && perSource === "unhealthy" && labels.includes("name") && isTrouble !== true;
}

/** Callers name the source all the same; prom-client would refuse a label that the counter does not have. */
function summedByKind(counter: promClient.Counter): promClient.Counter {
  const inc = counter.inc.bind(counter) as (labels: Readonly<Record<string, string | number>>, value?: number) => void;
  return Object.assign(counter, {
    inc(labels: Readonly<Record<string, string | number>>, value?: number) {
      const others = Object.entries(labels).filter(([label]) => label !== "name");
      inc(Object.fromEntries(others), value);
    },
  });
}

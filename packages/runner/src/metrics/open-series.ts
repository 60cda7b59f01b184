import type * as promClient from "prom-client";
import type { PromParts } from "./load-prom-client.ts";
import { series, type SeriesDefinition } from "./series.ts";

type MetricOf<Definition extends SeriesDefinition> = Definition["type"] extends "counter"
  ? promClient.Counter<Definition["labels"][number]>
  : Definition["type"] extends "gauge"
    ? promClient.Gauge<Definition["labels"][number]>
    : promClient.Histogram<Definition["labels"][number]>;

/** The metrics of `series`, under the same keys. */
export type OpenSeries = { readonly [Key in keyof typeof series]: MetricOf<(typeof series)[Key]> };

export interface SeriesOptions {
  /** Whether histograms have a series for each source, and not only for each kind. */
  readonly perSourceHistograms: boolean;
}

/** Registers every metric of `series`. */
export function openSeries(prom: PromParts, register: promClient.Registry, { perSourceHistograms }: SeriesOptions): OpenSeries {
  const open = ({ name, type, labels, help, buckets }: SeriesDefinition) => {
    const labelNames = type === "histogram" && !perSourceHistograms ? labels.filter((label) => label !== "name") : labels;
    const options = { name, help, labelNames, registers: [register] };
    if (type === "counter") return new prom.Counter(options);
    if (type === "gauge") return new prom.Gauge(options);
    return new prom.Histogram({ ...options, ...(buckets === undefined ? {} : { buckets: [...buckets] }) });
  };
  return Object.fromEntries(Object.entries(series).map(([key, definition]) => [key, open(definition)])) as unknown as OpenSeries;
}

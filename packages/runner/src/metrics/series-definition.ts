/** One metric as it is exposed: what dashboards and alerts are built on. Names, types, labels and buckets are a promise to users. */
export interface SeriesDefinition {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly labels: readonly string[];
  readonly help: string;
  readonly buckets?: readonly number[];
  /** Whether it counts what needs attention: it keeps the label `name` with `per_source = "unhealthy"`. */
  readonly isTrouble?: true;
}

import type * as promClient from "prom-client";

/** A part is read in one turn; each of its series has a line for each bucket and three more. */
const seriesPerPart = 50;

type Labels = Readonly<Record<string, string>>;
type Configuration = Pick<promClient.HistogramConfiguration<string>, "name" | "help" | "buckets"> & {
  readonly labelNames: readonly string[];
};

/**
 * A histogram whose series are read part by part. prom-client reads all of one histogram in one turn, which would hold the event loop up
 * where each of 10,000 sources has a series.
 */
export class HistogramParts {
  readonly #Histogram: typeof promClient.Histogram;
  readonly #configuration: Configuration;
  readonly #parts: promClient.Histogram[] = [];
  readonly #partOf = new Map<string, promClient.Histogram>();

  constructor(Histogram: typeof promClient.Histogram, configuration: Configuration) {
    this.#Histogram = Histogram;
    this.#configuration = configuration;
    // The one series of a histogram without labels is there from the start, at 0.
    if (configuration.labelNames.length === 0) this.#partFor({});
  }

  get parts(): readonly promClient.Histogram[] {
    return this.#parts;
  }

  observe(labels: Labels, value: number): void {
    this.#partFor(labels).observe(labels, value);
  }

  /** The series of these labels, looked up once. */
  labels(labels: Labels): promClient.Histogram.Internal<string> {
    return this.#partFor(labels).labels(labels);
  }

  #partFor(labels: Labels): promClient.Histogram {
    const key = JSON.stringify(this.#configuration.labelNames.map((label) => labels[label]));
    const known = this.#partOf.get(key);
    if (known !== undefined) return known;
    const last = this.#partOf.size % seriesPerPart === 0 ? undefined : this.#parts.at(-1);
    const part = last ?? this.#openPart();
    this.#partOf.set(key, part);
    return part;
  }

  #openPart(): promClient.Histogram {
    const part = new this.#Histogram({ ...this.#configuration, registers: [] });
    this.#parts.push(part);
    return part;
  }
}

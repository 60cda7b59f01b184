import type { Logger } from "../contract/logger.ts";

/** Facts of a span: no secrets, and nothing that a source wrote. An undefined one is left out. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SpanOptions {
  /** Default: work inside this process. */
  readonly kind?: "server" | "client" | "consumer";
  readonly attributes?: SpanAttributes;
  /** A `traceparent` that it continues. Default: the span that the caller runs in. */
  readonly parent?: string | undefined;
  /** `traceparent`s of work that it does a part of. */
  readonly links?: readonly string[];
}

/** A piece of work that is traced. */
export interface TracedSpan {
  set(attributes: SpanAttributes): void;
  /** Marks it as failed; what its work throws does so, too. */
  fail(error: unknown): void;
}

/** Where traces and logs go besides: a package that is installed only by those who use it. */
export interface Telemetry {
  /** Runs work as a span; what it begins meanwhile is below that span. Rejects as the work does. */
  span<Result>(name: string, options: SpanOptions, work: (span: TracedSpan) => Promise<Result>): Promise<Result>;
  /** The `traceparent` (W3C) of the span that the caller runs in. */
  current(): string | undefined;
  /** A logger that writes to `logger` and sends each line with the trace that it belongs to. */
  logger(logger: Logger): Logger;
  /** Sends what is left. */
  close(): Promise<void>;
}

const noSpan: TracedSpan = { set: () => undefined, fail: () => undefined };

/** Traces nothing. */
export const noTelemetry: Telemetry = {
  span: (_name, _options, work) => work(noSpan),
  current: () => undefined,
  logger: (logger) => logger,
  close: async () => undefined,
};

/** Called with each request that a sink made, for the metrics. */
export type RequestObserver = (request: SinkRequest) => void;

export interface SinkRequest {
  /** The HTTP status, or `timeout`, `network`, `aborted`; of a sink without HTTP `ok` or `error`. */
  readonly status: string;
  readonly durationMs: number;
  readonly items: number;
}

import type { ConsoleHost, Counted, Period } from "@statewave-connectors/runner/console";
import type { StatusReport } from "@statewave-connectors/runner/status";
import type { SourceKey } from "@statewave-connectors/connector-sdk";
import type { Html } from "./html.ts";
import type { Counts } from "./parts/chart.ts";

/** A request of someone who may see the page. */
export interface Visit {
  readonly host: ConsoleHost;
  readonly url: URL;
  readonly nowMs: number;
  /** What a form must send back. */
  readonly formToken: string;
  /** How the visitor wants to be named. */
  readonly visitor: string;
  /** Of a POST. */
  readonly form: URLSearchParams;
  readonly readStatus: () => Promise<StatusReport>;
}

/** What is shown to a visitor. */
export interface ConsolePage {
  readonly title: string;
  readonly main: Html;
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether it is made anew every few seconds. Default false. */
  readonly isLive?: boolean;
}

/** What this process counted. */
export function countsOf({ host, nowMs }: Visit, counted: Counted, period: Period, source?: SourceKey): Counts {
  return { counted, period, nowMs, values: host.activity.read(counted, period, nowMs, source) };
}

import type { ParsedConfig } from "@statewave-connectors/config";
import type { ConnectorsInput } from "@statewave-connectors/config/adapters";
import type { Actor } from "./actions/actor.ts";
import type { ReloadReport } from "./reload/reload-report.ts";
import type { RunnerDescription } from "./describe.ts";
import type { OpenConsole } from "./console/console-host.ts";
import type { EngineOptions } from "./composition/engine-options.ts";
import type { InjectedLogger, PinoLike } from "./logging/injected-logger.ts";
import type { OnError } from "./events/report-failure.ts";
import type { OnEvent } from "./events/runner-event.ts";

/** What an embedder may replace; see `EngineOptions` for the parts. */
export interface RunnerOptions extends Omit<EngineOptions, "logger" | "connectors" | "privacy"> {
  /** A list, or by kind. Default: loaded as the configuration says. */
  readonly connectors?: ConnectorsInput;
  /**
   * Yours instead of `createLogger({ format })` to stderr: pino, winston or anything with `debug`, `info`, `warn` and `error`. Secrets are
   * masked before it gets them.
   */
  readonly logger?: InjectedLogger | PinoLike | EngineOptions["logger"];
  /** Leaves the Node process metrics out of `/metrics`. */
  readonly disableDefaultMetrics?: boolean;
  /** False opens no port: the embedder's own server passes requests to `fetch`. Default true. */
  readonly listen?: boolean;
  /** The path under which the embedder's server mounts `fetch`, where its framework leaves that in the URL; e.g. `/connectors`. */
  readonly basePath?: string;
  /** Reads the configuration again, for `reload`: `() => loadConfig({ configPath })`. */
  readonly readConfig?: () => Promise<ParsedConfig>;
  /** `openConsole` of `@statewave-connectors/console`, as a bundled program must pass it. Default: the package is found by its name. */
  readonly console?: OpenConsole;
  /** Called with each failed request, webhook, event and run, which are logged all the same; for an error tracker. */
  readonly onError?: OnError;
  /** Called with runs, burials, refused webhooks and changes of the sink, as they happen. Must return quickly. */
  readonly onEvent?: OnEvent;
}

/** One process: every pull source on its schedule, every receiver behind one port, one sink. */
export interface Runner {
  /**
   * Opens the state, listens and arms the schedules; resolves when `/readyz` answers 200. A second call is the same start. An
   * unreachable or refusing Statewave does not fail it; a state that is in use, a port that is taken or a missing package does, with
   * everything closed again.
   */
  start(): Promise<void>;
  /** Ends within `drain_timeout`; a second call is the same stop. A stopped runner can be started again. */
  stop(): Promise<void>;
  /**
   * Answers a request that the embedder's server took: the same paths, limits and answers as on the port. While the runner is not running,
   * `/readyz` and webhooks get 503. Rejects only with `RUNNER_NOT_A_REQUEST`, for anything but a fetch `Request`. Needs no `this`.
   */
  readonly fetch: (request: Request) => Promise<Response>;
  /**
   * Reads the configuration again with `readConfig`, and applies what has changed, entry by entry; what needs a restart is reported and left. While
   * one is under way, further calls share the next one. Rejects with everything as it was for a configuration that is not valid, with
   * `RUNNER_RELOAD_UNSUPPORTED` without `readConfig`, and with `RUNNER_NOT_STARTED`.
   */
  reload(by?: Actor): Promise<ReloadReport>;
  /** What it holds, without secrets. Throws `RUNNER_NOT_STARTED` before the first start. */
  describe(): RunnerDescription;
}

import { type Clock, type Logger, sleep } from "@statewave-connectors/connector-sdk";
import { type Access, checkAccess } from "../sinks/statewave/check-access.ts";
import { lookAtServer } from "../sinks/statewave/look-at-server.ts";
import { openServer, type ServerOptions } from "../sinks/statewave/open-server.ts";
import { remarksOn, type ServerLook, type ServerRemark } from "../sinks/statewave/server-remarks.ts";
import type { StatewaveServer } from "../sinks/statewave/statewave-server.ts";

export interface StatewaveAtStartOptions extends ServerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called with each look at whether Statewave takes episodes. */
  readonly onAccess?: (access: Access) => void;
  /** Whether something was sent by now, which shows more than a look. */
  readonly isTried?: () => boolean;
}

/** Short, because `status` shows what the last look found. */
const firstPauseMs = 5_000;
const longestPauseMs = 60_000;

/**
 * Looks at Statewave behind a start, so that a wrong key, or a server that ignores keys, is known before the first delivery. Writes nothing;
 * nothing waits for it and nothing fails by it. A server that does not answer, or takes nothing, is looked at again, at growing intervals, until
 * it does or something is sent.
 */
export class StatewaveAtStart {
  readonly #options: StatewaveAtStartOptions;
  readonly #stop = new AbortController();

  constructor(options: StatewaveAtStartOptions) {
    this.#options = options;
  }

  begin(): void {
    // Until there is something to deliver, the few requests of a look are all that is sent.
    const server = openServer({ ...this.#options, keepAlive: false });
    if (server === undefined) return;
    void this.#look(server)
      .catch((error: unknown) => {
        if (!this.#stop.signal.aborted) this.#options.logger.error("the look at Statewave broke off", { error });
      })
      .finally(() => void server.close());
  }

  stop(): void {
    this.#stop.abort(new Error("the runner is stopping"));
  }

  async #look(server: StatewaveServer): Promise<void> {
    const { clock, onAccess } = this.#options;
    const { signal } = this.#stop;
    const first = checkAccess(server, clock, signal);
    let look = await lookAtServer(server, clock, signal);
    let access = await first;
    signal.throwIfAborted();
    this.#reportAccess(server, access);
    if (look !== undefined) this.#reportRemarks(server, access, look);
    onAccess?.(access);
    for (
      let pauseMs = firstPauseMs;
      look === undefined || this.#isRefused(access);
      pauseMs = Math.min(longestPauseMs, 2 * pauseMs)
    ) {
      await sleep(clock, pauseMs, signal);
      access = await checkAccess(server, clock, signal);
      signal.throwIfAborted();
      onAccess?.(access);
      if (look !== undefined) continue;
      look = await lookAtServer(server, clock, signal);
      if (look !== undefined) this.#reportRemarks(server, access, look);
    }
  }

  /** As far as is known: what is sent shows it better. */
  #isRefused({ type }: Access): boolean {
    return type !== "granted" && type !== "limited" && this.#options.isTried?.() !== true;
  }

  #reportAccess({ description: sink }: StatewaveServer, access: Access): void {
    const { logger } = this.#options;
    switch (access.type) {
      case "granted":
      case "limited":
        break;
      case "refused":
        logger.error("Statewave refuses what this configuration sends", {
          sink,
          reason: access.reason,
          hint: access.hint,
        });
        break;
      case "failing":
      case "unreachable":
        logger.warn("Statewave takes nothing at the moment; what is to be delivered waits", {
          sink,
          reason: access.reason,
          hint: access.hint,
        });
    }
  }

  #reportRemarks(server: StatewaveServer, access: Access, look: ServerLook): void {
    // What another server shows is of no interest.
    if (access.type === "refused" && look.traits.version === undefined) return;
    for (const remark of remarksOn(look)) this.#reportRemark(server, remark);
  }

  #reportRemark({ description: sink }: StatewaveServer, { level, message, values, hint }: ServerRemark): void {
    const { logger } = this.#options;
    const fields = { sink, ...values, ...(hint !== undefined && { hint }) };
    if (level === "ok" || level === "unknown") logger.debug(message, fields);
    else logger.warn(message, fields);
  }
}

import { type Clock, type Logger, sleep } from "@statewave-connectors/connector-sdk";
import { type Access, checkAccess } from "../sinks/statewave/check-access.ts";
import { lookAtServer } from "../sinks/statewave/look-at-server.ts";
import { openServer, type ServerOptions } from "../sinks/statewave/open-server.ts";
import { remarksOn, type ServerRemark } from "../sinks/statewave/server-remarks.ts";
import type { StatewaveServer } from "../sinks/statewave/statewave-server.ts";

export interface StatewaveAtStartOptions extends ServerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

const firstPauseMs = 60_000;
const longestPauseMs = 60 * 60_000;

/**
 * Looks at Statewave behind a start, so that a wrong key, or a server that ignores keys, is known before the first delivery. Writes nothing;
 * nothing waits for it and nothing fails by it. A server that does not answer is looked at again, at growing intervals.
 */
export class StatewaveAtStart {
  readonly #options: StatewaveAtStartOptions;
  readonly #stop = new AbortController();

  constructor(options: StatewaveAtStartOptions) {
    this.#options = options;
  }

  begin(): void {
    const server = openServer(this.#options);
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
    const { clock } = this.#options;
    const { signal } = this.#stop;
    const access = checkAccess(server, clock, signal);
    let look = await lookAtServer(server, clock, signal);
    const found = await access;
    signal.throwIfAborted();
    this.#reportAccess(server, found);
    for (let pauseMs = firstPauseMs; look === undefined; pauseMs = Math.min(longestPauseMs, 2 * pauseMs)) {
      await sleep(clock, pauseMs, signal);
      look = await lookAtServer(server, clock, signal);
    }
    // What another server shows is of no interest.
    if (found.type === "refused" && look.traits.version === undefined) return;
    for (const remark of remarksOn(look)) this.#reportRemark(server, remark);
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

  #reportRemark({ description: sink }: StatewaveServer, { level, message, values, hint }: ServerRemark): void {
    const { logger } = this.#options;
    const fields = { sink, ...values, ...(hint !== undefined && { hint }) };
    if (level === "ok" || level === "unknown") logger.debug(message, fields);
    else logger.warn(message, fields);
  }
}

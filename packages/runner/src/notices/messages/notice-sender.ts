import { hostname } from "node:os";
import type { NotifyEntry } from "@statewave-connectors/config/result";
import type { Clock, Logger } from "@statewave-connectors/connector-sdk";
import { noticeBody } from "./notice-body.ts";
import { afterFailure, emptyOutbox, isDue, type Outbox } from "./outbox.ts";
import { type PostOutcome, postNotice } from "./post-notice.ts";

/** What became of a message. `dropped`: its reports were given up after a day of failures. */
export const noticeOutcomes = ["sent", "failed", "dropped"] as const;

/** Receives what happens, for the metrics. */
export interface NoticeObserver {
  notice(notify: string, outcome: (typeof noticeOutcomes)[number]): void;
}

export interface NoticeSenderOptions {
  readonly notify: readonly NotifyEntry[];
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly observer: NoticeObserver;
}

/** Sends what waits in outboxes, to all of them at the same time. */
export class NoticeSender {
  readonly #options: NoticeSenderOptions;

  constructor(options: NoticeSenderOptions) {
    this.#options = options;
  }

  /** The outboxes after one attempt for each that is due. Rejects only when `signal` aborts. */
  async send(outboxes: ReadonlyMap<string, Outbox>, signal: AbortSignal): Promise<ReadonlyMap<string, Outbox>> {
    const { notify } = this.#options;
    const sent = await Promise.all(
      notify.map(async (entry) => {
        const outbox = outboxes.get(entry.name) ?? emptyOutbox;
        return [entry.name, await this.#sendOne(entry, outbox, signal)] as const;
      }),
    );
    return new Map(sent);
  }

  async #sendOne(entry: NotifyEntry, outbox: Outbox, signal: AbortSignal): Promise<Outbox> {
    const { clock, fetch } = this.#options;
    const nowMs = clock.now();
    if (!isDue(outbox, nowMs)) return outbox;
    const body = noticeBody(entry.format, outbox, { host: hostname(), nowMs });
    const outcome = await postNotice(entry, body, { fetch, clock, signal });
    return outcome.type === "sent" ? this.#sent(entry, outbox) : this.#failed(entry, outbox, outcome);
  }

  #sent({ name }: NotifyEntry, outbox: Outbox): Outbox {
    const { logger, observer } = this.#options;
    observer.notice(name, "sent");
    if (outbox.failures > 0) logger.info("notices are sent again", { notify: name });
    return emptyOutbox;
  }

  #failed(
    { name }: NotifyEntry,
    before: Outbox,
    { reason, retryAfterMs }: Extract<PostOutcome, { readonly type: "failed" }>,
  ): Outbox {
    const { clock, random, logger, observer } = this.#options;
    observer.notice(name, "failed");
    const nowMs = clock.now();
    const { outbox, isGivenUp } = afterFailure(before, { nowMs, random, ...(retryAfterMs !== undefined && { retryAfterMs }) });
    const hint = "check the url of this [[notify]], and run `doctor --test-notify`";
    if (isGivenUp) {
      observer.notice(name, "dropped");
      const reports = before.reports.length + before.leftOut;
      logger.error("notices could not be sent for a day and are given up", { notify: name, reports, reason, hint });
    } else if (before.failures === 0) {
      logger.warn("a notice could not be sent and is tried again", {
        notify: name,
        reason,
        next_attempt_in_ms: outbox.notBeforeMs - nowMs,
        hint,
      });
    }
    return outbox;
  }
}

import type { Clock, Logger } from "@statewave-connectors/connector-sdk";
import { normalizePath } from "./base-path.ts";
import { ThrottledLog } from "../logging/throttled-log.ts";

/**
 * Why a request to an unknown path looks like a webhook. `path_prefix`: the path of a receiver with something before it, because
 * a proxy passes its own prefix on. `path_spelling`: the path of a receiver but for slashes, encoding or case. `receiver_unknown`:
 * `/<kind>/<name>/events` of a kind that has receivers, but not this one.
 */
export const misroutings = ["path_prefix", "path_spelling", "receiver_unknown"] as const;

export type Misrouting = (typeof misroutings)[number];

export interface MisroutedWebhooksOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onMisrouted?: ((reason: Misrouting) => void) | undefined;
}

const reminderMs = 60 * 60_000;
const maxLoggedPathLength = 200;
/** No receiver's path is longer; the rest of a longer one is its prefix. */
const segmentsOfReceiver = 3;

/**
 * Reports webhooks that were sent to a path where nothing is mounted. A public address is scanned all day, so a request counts only when
 * its path ends like that of a receiver, and the log has one line for each reason and hour.
 */
export class MisroutedWebhooks {
  readonly #options: MisroutedWebhooksOptions;
  #paths: ReadonlyMap<string, string> = new Map();
  #kinds: ReadonlySet<string> = new Set();
  readonly #throttled: ThrottledLog<Misrouting>;

  constructor(options: MisroutedWebhooksOptions) {
    this.#options = options;
    this.#throttled = new ThrottledLog(options.clock, reminderMs);
  }

  /** `paths`: `/<kind>/<name>/events` of each receiver that is mounted. */
  mounted(paths: readonly string[]): void {
    this.#paths = new Map(paths.map((path) => [comparable(path).join("/"), path]));
    this.#kinds = new Set(paths.map((path) => comparable(path)[0] ?? ""));
  }

  /** A request came for a path where nothing is mounted. */
  notFound(method: string, path: string): void {
    const segments = comparable(path);
    const ending = segments.slice(-segmentsOfReceiver);
    const receiver = this.#paths.get(ending.join("/"));
    const reason = this.#reasonOf(segments, receiver);
    if (reason === undefined) return;
    this.#options.onMisrouted?.(reason);
    this.#log(reason, { method, path: path.slice(0, maxLoggedPathLength), ...hintFor(reason, receiver) });
  }

  #reasonOf(segments: readonly string[], receiver: string | undefined): Misrouting | undefined {
    if (receiver !== undefined) return segments.length > segmentsOfReceiver ? "path_prefix" : "path_spelling";
    const [kind = "", , last] = segments.slice(-segmentsOfReceiver);
    return last === "events" && this.#kinds.has(kind) ? "receiver_unknown" : undefined;
  }

  #log(reason: Misrouting, fields: Readonly<Record<string, unknown>>): void {
    const { logger } = this.#options;
    this.#throttled.log(reason, (suppressed) =>
      logger.warn("webhooks arrive at a path without a receiver", { reason, requests: suppressed + 1, ...fields }),
    );
  }
}

function hintFor(reason: Misrouting, receiver: string | undefined): { readonly hint: string } {
  switch (reason) {
    case "path_prefix":
      return { hint: `set [runner] base_path to what precedes ${receiver}, or let the proxy remove it` };
    case "path_spelling":
      return { hint: `send them to ${receiver}, spelt exactly like this` };
    case "receiver_unknown":
      return { hint: "add the [[push.<kind>]] entry of that name, or remove the webhook at its provider" };
  }
}

/** The segments of a path, without what proxies and people change: encoding, case, repeated slashes and one at the end. */
function comparable(path: string): readonly string[] {
  const decoded = normalizePath(path).replaceAll("%2F", "/").toLowerCase();
  return decoded.split("/").filter((segment) => segment !== "");
}

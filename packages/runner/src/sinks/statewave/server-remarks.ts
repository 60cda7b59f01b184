import type { ServerTraits } from "./server-traits.ts";

/** Something to say about a server. */
export interface ServerRemark {
  /** `unknown`: the server does not show it. */
  readonly level: "ok" | "unknown" | "warn" | "fail";
  /** The same whatever the values are. */
  readonly message: string;
  readonly values?: Readonly<Record<string, string | number>>;
  readonly hint?: string;
}

/** What a look at a server found. */
export interface ServerLook {
  readonly traits: ServerTraits;
  /** How far its clock is ahead of this machine's, negative when it is behind; absent: not known. */
  readonly clockAheadMs?: number;
}

/** Times of a server that are further off than this are wrong, and not only old. */
const clockToleranceMs = 60_000;

/** What is to be said of it, the worst first. */
export function remarksOn({ traits, clockAheadMs = 0 }: ServerLook): readonly ServerRemark[] {
  const remarks = [readiness(traits), ...fields(traits), compile(traits), clock(clockAheadMs)].filter((one) => one !== undefined);
  return remarks.toSorted((left, right) => severity[right.level] - severity[left.level]);
}

const severity = { ok: 0, unknown: 1, warn: 2, fail: 3 } as const;

function readiness({ readiness: found }: ServerTraits): ServerRemark | undefined {
  if (found === undefined || found.status === "ready") return undefined;
  const values = found.troubles.length === 0 ? {} : { values: { checks: found.troubles.join("; ") } };
  const hint = "look at the log of Statewave, and at its database";
  if (found.status === "not ready") return { level: "fail", message: "the server is not ready", ...values, hint };
  return { level: "warn", message: "the server is degraded", ...values, hint };
}

function fields({ version, recognisesKeys, keepsTimes }: ServerTraits): readonly ServerRemark[] {
  const values = version === undefined ? {} : { values: { version } };
  if (recognisesKeys === undefined || keepsTimes === undefined) {
    const message = "the server does not show whether it recognises idempotency keys and keeps the times of episodes";
    return [{ level: "unknown", message, ...values, hint: "let GET /openapi.json reach Statewave" }];
  }
  const ignored: ServerRemark[] = [];
  if (!recognisesKeys) {
    const message = "the server ignores idempotency keys: an episode that is sent again is stored again";
    ignored.push({ level: "warn", message, ...values, hint: "update Statewave to 1.1 or newer" });
  }
  if (!keepsTimes) {
    const message = "the server ignores when something happened: an episode has the time of its delivery";
    ignored.push({ level: "warn", message, ...values, hint: "update Statewave to 1.0 or newer" });
  }
  if (ignored.length > 0) return ignored;
  return [{ level: "ok", message: "the server recognises idempotency keys and keeps the times of episodes", ...values }];
}

function compile({ compiles }: ServerTraits): ServerRemark | undefined {
  if (compiles === undefined) return undefined;
  if (compiles) return { level: "ok", message: "the server compiles memories when POST /v1/memories/compile is called" };
  const message = "the server has no POST /v1/memories/compile: episodes do not become memories through it";
  return { level: "warn", message, hint: "update Statewave, or let that path reach it" };
}

function clock(aheadMs: number): ServerRemark | undefined {
  if (Math.abs(aheadMs) < clockToleranceMs) return undefined;
  const message = "the clocks of the server and of this machine differ";
  return {
    level: "warn",
    message,
    values: { [aheadMs > 0 ? "server_ahead_s" : "server_behind_s"]: Math.round(Math.abs(aheadMs) / 1000) },
    hint: "set the clock that is wrong, and let a time server keep both",
  };
}

import type { Clock } from "@statewave-connectors/connector-sdk";
import type { SinkAnswer } from "./classify-answer.ts";
import type { ServerLook } from "./server-remarks.ts";
import { readTraits } from "./server-traits.ts";
import type { StatewaveServer } from "./statewave-server.ts";

const timeoutMs = 10_000;

/** Reads what a server shows of itself, with requests that need no key and write nothing; undefined when it answers none of them. */
export async function lookAtServer(
  server: Pick<StatewaveServer, "exchange">,
  clock: Clock,
  signal: AbortSignal,
): Promise<ServerLook | undefined> {
  const get = async (path: string): Promise<SinkAnswer | undefined> => {
    const exchange = await server.exchange({ method: "GET", path, timeoutMs }, signal);
    return exchange.type === "answered" ? exchange.answer : undefined;
  };
  const sentAtMs = clock.now();
  const timed = get("/readyz").then((readyz) => ({ readyz, clockAheadMs: aheadOf(readyz?.date, sentAtMs, clock.now()) }));
  const [{ readyz, clockAheadMs }, version, openApi] = await Promise.all([timed, get("/v1/version"), get("/openapi.json")]);
  if (readyz === undefined && version === undefined && openApi === undefined) return undefined;
  const traits = readTraits({ readyz, version, openApi });
  return { traits, ...(clockAheadMs !== undefined && { clockAheadMs }) };
}

/** By how much `Date`, in whole seconds, is beyond the time in which it was written. */
function aheadOf(date: string | undefined, sentAtMs: number, answeredAtMs: number): number | undefined {
  const serverMs = date === undefined ? Number.NaN : Date.parse(date);
  if (Number.isNaN(serverMs)) return undefined;
  return Math.max(0, serverMs - answeredAtMs) + Math.min(0, serverMs + 1000 - sentAtMs);
}

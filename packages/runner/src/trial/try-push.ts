import { receiverPath } from "@statewave-connectors/config";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import { receiveAndStore } from "@statewave-connectors/connector-sdk/receive";
import { checkOpened, type EntryCheck } from "../control/check-entries.ts";
import type { Finding } from "../doctor/finding.ts";
import type { EngineOptions } from "../composition/engine-options.ts";
import { openConfiguredEntries } from "../composition/configured-entries.ts";
import type { OpenedPush } from "../push/opened-push.ts";

/** The result of trying a receiver. */
export interface PushTrial {
  readonly check: EntryCheck;
  /** Whether it accepts deliveries without a signature. */
  readonly unsigned: Finding;
  /** Where it would be mounted. */
  readonly path: string;
}

/** Checks the push entries of a configuration, and sends each a delivery without a signature. Opens no port. */
export async function tryPush(options: EngineOptions, signal: AbortSignal): Promise<readonly PushTrial[]> {
  const { clock = systemClock } = options;
  const { entries, close } = await openConfiguredEntries(options);
  try {
    const checks = await checkOpened({ pulls: [], pushes: entries.pushes }, clock, signal);
    signal.throwIfAborted();
    return await Promise.all(
      checks.map(async (check, index) => ({
        check,
        unsigned: await judgeUnsigned(entries.pushes[index]!, clock.now()),
        path: receiverPath(check.source.kind, check.source.name),
      })),
    );
  } finally {
    await close();
  }
}

async function judgeUnsigned({ key, receiver }: OpenedPush, receivedAtMs: number): Promise<Finding> {
  const [method = "POST"] = receiver.methods ?? [];
  const request = {
    method,
    path: receiverPath(key.kind, key.name),
    headers: { "content-type": "application/json" },
    body: Buffer.from("{}"),
    receivedAtMs,
  };
  const { outcome, response, refusal, error } = await receiveAndStore(
    { source: key, receiver, accept: async () => "fresh" },
    request,
  );
  if (outcome === "fresh" || outcome === "duplicate")
    return { ok: false, message: "a delivery without a signature would be stored", hint: "declare `verify` in the connector" };
  if (outcome === "responded") {
    const why = refusal === undefined ? "" : ` (${refusal.reason})`;
    return { ok: true, message: `a delivery without a signature is answered ${response.status}${why} and not stored` };
  }
  const reason = error instanceof Error ? error.message : String(error);
  return { ok: false, message: `a delivery without a signature makes the receiver fail: ${reason}` };
}

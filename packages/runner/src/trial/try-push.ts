import { receiverPath } from "@statewave-connectors/config/result";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import { checkOpened, type EntryCheck } from "../checks/check-entries.ts";
import type { Finding } from "../checks/finding.ts";
import type { EngineOptions } from "../composition/engine-options.ts";
import { openConfiguredEntries } from "../composition/configured-entries.ts";
import { mapSample, type MappedSample } from "./map-sample.ts";
import { type Sample, sendSample } from "./send-sample.ts";

export interface TryPushRequest {
  /** A delivery of the provider, to be signed with the secret of the entry and mapped. Absent: an empty one is signed, and not mapped. */
  readonly sample?: Sample | undefined;
}

/** The result of trying a receiver. */
export interface PushTrial {
  readonly check: EntryCheck;
  /** Whether it accepts deliveries without a signature, and those with the signature of the entry's secret. */
  readonly deliveries: readonly Finding[];
  /** What the sample becomes. Absent: there is none, or it is not stored. */
  readonly mapped?: MappedSample;
  /** Where it would be mounted. */
  readonly path: string;
}

/** Checks the push entries of a configuration, and sends each a webhook without a signature and a signed one. Opens no port. */
export async function tryPush(
  options: EngineOptions,
  signal: AbortSignal,
  { sample }: TryPushRequest = {},
): Promise<readonly PushTrial[]> {
  const { clock = systemClock } = options;
  const { entries, close } = await openConfiguredEntries(options);
  try {
    const checks = await checkOpened({ pulls: [], pushes: entries.pushes }, clock, signal);
    signal.throwIfAborted();
    return await Promise.all(
      checks.map(async (check, index): Promise<PushTrial> => {
        const push = entries.pushes[index]!;
        const { unsigned, signed, event } = await sendSample(push, sample, clock);
        const mapped = sample === undefined || event === undefined ? undefined : await mapSample(push, event, signal);
        const deliveries = signed === undefined ? [unsigned] : [unsigned, signed];
        return { check, deliveries, path: receiverPath(check.source.kind, check.source.name), ...(mapped && { mapped }) };
      }),
    );
  } finally {
    await close();
  }
}

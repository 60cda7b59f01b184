import { randomUUID } from "node:crypto";
import type { Clock, Connector } from "@statewave-connectors/connector-sdk";
import { sampleIdPrefix } from "@statewave-connectors/connector-sdk/receive";
import type { OpenedPush } from "../push/opened-push.ts";
import { sendSample } from "../trial/send-sample.ts";
import type { Finding } from "../checks/finding.ts";

/** Whether a receiver refuses a webhook without a signature, and takes a sample with the signature of its secret. Nothing is sent or stored. */
export async function checkReceiver(
  push: OpenedPush,
  connector: Connector | undefined,
  clock: Clock,
): Promise<readonly Finding[]> {
  const id = `${sampleIdPrefix}${randomUUID()}`;
  const samples = connector?.push?.samples?.(push.entry.options, { id, atMs: clock.now() }) ?? [];
  // The last one says most: the first ones are what a provider sends to try an address.
  const sample = samples.at(-1);
  const given = sample && { body: new TextEncoder().encode(sample.body), headers: { ...sample.headers } };
  const { unsigned, signed } = await sendSample(push, given, clock);
  const broken = [unsigned, ...(signed === undefined ? [] : [signed])].filter(({ ok }) => !ok);
  if (broken.length > 0) return broken;
  const message =
    signed === undefined
      ? "webhooks without a signature are refused; its sender signs with a key of its own, so no sample can be signed here"
      : "webhooks without a signature are refused, and a sample with the signature of its secret is taken";
  return [{ ok: true, message }];
}

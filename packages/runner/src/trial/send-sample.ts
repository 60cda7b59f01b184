import { receiverPath } from "@statewave-connectors/config/result";
import type { Clock, ReceivedRequest } from "@statewave-connectors/connector-sdk";
import type { InboxItem } from "@statewave-connectors/connector-sdk/inbox";
import { receiveAndStore, type ReceiptOutcome } from "@statewave-connectors/connector-sdk/receive";
import { proverOf } from "@statewave-connectors/connector-sdk/signature";
import type { Finding } from "../checks/finding.ts";
import type { OpenedPush } from "../push/opened-push.ts";

/** A delivery of the provider, without its signature. */
export interface Sample {
  readonly body: Uint8Array;
  /** In lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parameters of the URL. */
  readonly query?: Readonly<Record<string, string>>;
}

export interface SentSample {
  readonly unsigned: Finding;
  /** Absent: the sender of this receiver cannot be imitated, because it signs with a key of its own or is verified by a function. */
  readonly signed?: Finding;
  /** What would be stored of the signed delivery. */
  readonly event?: Extract<InboxItem, { type: "event" }>;
}

const emptySample: Sample = { body: Buffer.from("{}"), headers: {} };

/** Sends a receiver a webhook without a signature, and the sample with the signature of the entry's secret. Stores nothing. */
export async function sendSample(push: OpenedPush, sample = emptySample, clock: Clock): Promise<SentSample> {
  const atMs = clock.now();
  const unsigned = judgeUnsigned((await send(push, emptySample, atMs)).receipt);
  const { verify } = push.receiver;
  const proof = verify === undefined ? undefined : proverOf(verify)?.({ ...sample, atMs });
  if (proof === undefined) return { unsigned };
  const { receipt, item } = await send(push, { ...sample, ...proof, headers: { ...sample.headers, ...proof.headers } }, atMs);
  return { unsigned, signed: judgeSigned(receipt, item), ...(item?.type === "event" && { event: item }) };
}

/** What a receiver makes of a delivery that is signed already, and what would be stored of it. Stores nothing. */
export async function receiveSample(
  push: OpenedPush,
  sample: Sample,
  atMs: number,
): Promise<{ readonly finding: Finding; readonly item: InboxItem | undefined }> {
  const { receipt, item } = await send(push, sample, atMs);
  return { finding: judgeSigned(receipt, item), item };
}

interface Sent {
  readonly receipt: ReceiptOutcome;
  readonly item: InboxItem | undefined;
}

async function send({ key, receiver }: OpenedPush, { body, headers, query }: Sample, receivedAtMs: number): Promise<Sent> {
  const [method = "POST"] = receiver.methods ?? [];
  const path = receiverPath(key.kind, key.name);
  const request: ReceivedRequest = {
    method,
    path: query === undefined ? path : `${path}?${new URLSearchParams(query).toString()}`,
    headers: { "content-type": "application/json", ...headers },
    body,
    receivedAtMs,
  };
  let item: InboxItem | undefined;
  const accept = async (accepted: InboxItem) => {
    item = accepted;
    return "fresh" as const;
  };
  return { receipt: await receiveAndStore({ source: key, receiver, accept }, request), item };
}

function judgeUnsigned({ outcome, response, refusal, error }: ReceiptOutcome): Finding {
  const what = "a webhook without a signature";
  if (outcome === "fresh" || outcome === "duplicate")
    return { ok: false, message: `${what} would be stored`, hint: "declare `verify` in the connector" };
  if (outcome !== "responded") return failed(what, error);
  return { ok: true, message: `${what} is answered ${response.status}${because(refusal?.reason)} and not stored` };
}

function judgeSigned({ outcome, response, refusal, ignored, error }: ReceiptOutcome, item: InboxItem | undefined): Finding {
  const what = "a delivery with the signature of this secret";
  if (outcome === "fresh" || outcome === "duplicate")
    return { ok: true, message: item?.type === "trigger" ? `${what} requests a run of the twin` : `${what} would be stored` };
  if (outcome !== "responded") return failed(what, error);
  const message = `${what} is answered ${response.status}${because(refusal?.reason ?? ignored)} and not stored`;
  return refusal === undefined ? { ok: true, message } : { ok: false, message, hint: refusal.hint };
}

function because(reason: string | undefined): string {
  return reason === undefined ? "" : ` (${reason})`;
}

function failed(what: string, error: Error | undefined): Finding {
  return { ok: false, message: `${what} makes the receiver fail: ${error?.message ?? "for no reason"}` };
}

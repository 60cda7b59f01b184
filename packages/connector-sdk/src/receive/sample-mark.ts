import type { ReceivedRequest, ReceiverResponse } from "../contract/receiver.ts";

/**
 * Sent with a sample of `simulate`. A delivery with it is verified and answered, and not stored. Only a sender with the secret of the entry is
 * verified, so no other can have a delivery left out by it.
 */
export const sampleHeader = "x-statewave-sample";

/** What the ids of samples begin with. */
export const sampleIdPrefix = "statewave-sample-";

/** Why a sample is not stored. */
export const ignoredSample = "sample";

/** Whether a delivery is marked as a sample. */
export function isSample({ headers }: Pick<ReceivedRequest, "headers">): boolean {
  return headers[sampleHeader]?.startsWith(sampleIdPrefix) === true;
}

/** The answer to a sample: that of the receiver, and a header by which its sender knows that it was not stored. */
export function sampleAnswer(response: ReceiverResponse = { status: 200 }): ReceiverResponse {
  return { ...response, headers: { ...response.headers, [sampleHeader]: "verified, not stored" } };
}

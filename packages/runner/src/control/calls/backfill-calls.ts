import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { BackfillRequest } from "../../backfill/backfill-request.ts";
import type { BackfillView } from "../../backfill/backfill-view.ts";
import type { OnBackfillProgress } from "../../backfill/running-backfill.ts";
import type { RangeCount } from "../../backfill/count-range.ts";
import type { BackfillOperations } from "../operations/operations.ts";
import { type Call, type SendCall, type ServedCalls, sourceOf } from "./call.ts";

/** What calls about backfills carry. */
export interface BackfillArguments {
  readonly since?: string;
  readonly until?: string;
  readonly rangeText?: string;
  readonly stream?: string;
  readonly perSecond?: number;
  readonly expected?: number;
  readonly id?: string;
}

/** Serves calls about backfills. */
export const backfillCalls: ServedCalls<BackfillArguments> = {
  "backfill.run": (operations, call, { write, signal }) =>
    operations.backfill(toRequest(call), (progress) => write({ progress }), signal),
  "backfill.prepare": (operations, call) => operations.prepareBackfill(toRequest(call)),
  "backfill.count": (operations, call, { write, signal }) =>
    operations.countRange(toRequest(call), (progress) => write({ progress }), signal),
  "backfill.list": (operations) => operations.listBackfills(),
  "backfill.cancel": (operations, { id = "" }) => operations.cancelBackfill(id),
};

function toRequest(call: Call & BackfillArguments): BackfillRequest {
  const { since = "", until = "", rangeText = "", stream, perSecond, expected } = call;
  return { source: sourceOf(call), since, until, rangeText, stream, perSecond, expected };
}

/** The backfills of a running process. */
export function remoteBackfills(send: SendCall): BackfillOperations {
  const follow = (
    operation: string,
    { source, ...request }: BackfillRequest,
    onProgress: OnBackfillProgress | undefined,
    signal: AbortSignal,
  ) =>
    send(
      { operation, source: formatSourceKey(source), ...request },
      { onProgress: (progress) => onProgress?.(progress as BackfillView) },
      signal,
    );
  return {
    backfill: async (...request) => (await follow("backfill.run", ...request)) as BackfillView,
    prepareBackfill: async ({ source, ...request }) =>
      (await send({ operation: "backfill.prepare", source: formatSourceKey(source), ...request })) as BackfillView,
    countRange: async (...request) => (await follow("backfill.count", ...request)) as RangeCount,
    listBackfills: async () => (await send({ operation: "backfill.list" })) as BackfillView[],
    cancelBackfill: async (id) => (await send({ operation: "backfill.cancel", id })) as BackfillView,
  };
}

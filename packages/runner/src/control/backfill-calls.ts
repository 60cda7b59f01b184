import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { BackfillRequest } from "../backfill/backfill-request.ts";
import type { BackfillView } from "../backfill/backfill-view.ts";
import type { OnBackfillProgress } from "../backfill/running-backfill.ts";
import type { RangeCount } from "../backfill/count-range.ts";
import type { Operations } from "./operations.ts";

/** What a tool sends about backfills; `operation` is one of `backfillCalls`. */
export interface BackfillCall {
  readonly since?: string;
  readonly until?: string;
  readonly rangeText?: string;
  readonly stream?: string;
  readonly perSecond?: number;
  readonly expected?: number;
  readonly id?: string;
}

interface Serving {
  readonly source: () => SourceKey;
  readonly onProgress: OnBackfillProgress;
  readonly signal: AbortSignal;
}

/** Serves a tool's request about backfills. */
export const backfillCalls: Readonly<
  Record<string, (operations: Operations, call: BackfillCall, serving: Serving) => Promise<unknown>>
> = {
  "backfill.run": (operations, call, { source, onProgress, signal }) =>
    operations.backfill(toRequest(call, source()), onProgress, signal),
  "backfill.prepare": (operations, call, { source }) => operations.prepareBackfill(toRequest(call, source())),
  "backfill.count": (operations, call, { source, onProgress, signal }) =>
    operations.countRange(toRequest(call, source()), onProgress, signal),
  "backfill.list": (operations) => operations.listBackfills(),
  "backfill.cancel": (operations, { id = "" }) => operations.cancelBackfill(id),
};

function toRequest(call: BackfillCall, source: SourceKey): BackfillRequest {
  const { since = "", until = "", rangeText = "", stream, perSecond, expected } = call;
  return { source, since, until, rangeText, stream, perSecond, expected };
}

type Call = (
  request: Record<string, unknown>,
  followers?: { readonly onProgress?: (progress: unknown) => void },
  signal?: AbortSignal,
) => Promise<unknown>;

type RemoteBackfills = Pick<Operations, "backfill" | "prepareBackfill" | "countRange" | "listBackfills" | "cancelBackfill">;

/** The backfills of a running process. */
export function remoteBackfills(call: Call): RemoteBackfills {
  const send = (
    operation: string,
    { source, ...request }: BackfillRequest,
    onProgress: OnBackfillProgress | undefined,
    signal: AbortSignal,
  ) =>
    call(
      { operation, source: formatSourceKey(source), ...request },
      { onProgress: (progress) => onProgress?.(progress as BackfillView) },
      signal,
    );
  return {
    backfill: async (...request) => (await send("backfill.run", ...request)) as BackfillView,
    prepareBackfill: async ({ source, ...request }) =>
      (await call({ operation: "backfill.prepare", source: formatSourceKey(source), ...request })) as BackfillView,
    countRange: async (...request) => (await send("backfill.count", ...request)) as RangeCount,
    listBackfills: async () => (await call({ operation: "backfill.list" })) as BackfillView[],
    cancelBackfill: async (id) => (await call({ operation: "backfill.cancel", id })) as BackfillView,
  };
}

import type { Clock } from "@statewave-connectors/connector-sdk";
import { endsHold } from "./backfill-errors.ts";
import type { HeldBackfill } from "./held-backfill.ts";

const lookEveryMs = 2_000;

/** Aborts `watch` within seconds of a cancel by another process. The answer ends the watching. */
export function watchForCancel(held: HeldBackfill, watch: AbortController, clock: Clock): () => void {
  let cancel: (() => void) | undefined;
  let isOver = false;
  const later = () => {
    cancel = clock.after(lookEveryMs, () => {
      void held
        .look()
        // A store that does not answer decides nothing: the lease does.
        .catch((error: unknown) => {
          if (endsHold(error)) watch.abort(error);
        })
        .finally(() => {
          if (!isOver && !watch.signal.aborted) later();
        });
    });
  };
  later();
  return () => {
    isOver = true;
    cancel?.();
  };
}

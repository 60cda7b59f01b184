import { LinkedAbort } from "../deadline/linked-abort.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { unreachableError } from "../delivery/delivery-errors.ts";

type Taker = Pick<Delivery, "deliver" | "state" | "onStateChange">;

/**
 * Delivers, but does not wait for a sink that this process cannot reach: then it throws `SINK_UNREACHABLE`, so that the run ends and
 * another process can repeat it.
 */
export async function deliverUnlessDown(
  delivery: Taker,
  request: Parameters<Delivery["deliver"]>[0],
): ReturnType<Delivery["deliver"]> {
  const given = new LinkedAbort(request.signal);
  const look = () => {
    if (delivery.state.status === "failing" && delivery.state.takesNothing) given.abort(unreachableError(delivery.state));
  };
  const unsubscribe = delivery.onStateChange(look);
  look();
  try {
    return await delivery.deliver({ ...request, signal: given.signal });
  } finally {
    unsubscribe();
    given.unlink();
  }
}

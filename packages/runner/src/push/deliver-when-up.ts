import type { Delivery } from "../delivery/delivery.ts";
import { sinkTakesNothing } from "../delivery/delivery-errors.ts";

/** Delivers once the sink accepts episodes. A batch that a stopped sink hands back is offered again, within the same attempt. */
export async function deliverWhenUp(
  delivery: Pick<Delivery, "deliver" | "state" | "whenUp">,
  request: Parameters<Delivery["deliver"]>[0],
): ReturnType<Delivery["deliver"]> {
  for (;;) {
    if (!delivery.state.wantsMore) await delivery.whenUp(request.signal);
    try {
      return await delivery.deliver(request);
    } catch (error) {
      if (!sinkTakesNothing(error)) throw error;
    }
  }
}

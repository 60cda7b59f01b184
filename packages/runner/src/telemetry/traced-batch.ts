import type { SendResult, Telemetry } from "@statewave-connectors/connector-sdk/host";
import type { QueuedEpisode } from "../delivery/delivery-request.ts";

/** A request to the sink as a span: below the delivery whose episodes it sends; of several deliveries it is linked to each. */
export function tracedBatch(
  telemetry: Telemetry,
  batch: readonly QueuedEpisode[],
  send: () => Promise<SendResult>,
): Promise<SendResult> {
  const deliveries = [...new Set(batch.flatMap(({ request }) => request.traceparent ?? []))];
  const parent = deliveries.length === 1 ? deliveries[0] : undefined;
  const links = parent === undefined ? deliveries : [];
  const attributes = { "statewave.episodes": batch.length };
  return telemetry.span("send batch", { kind: "client", parent, links, attributes }, async (span) => {
    const result = await send();
    span.set({ "statewave.result": result.type });
    if (result.type === "failed") span.fail(new Error(result.reason));
    return result;
  });
}

import { formatSourceKey, type Telemetry } from "@statewave-connectors/connector-sdk/host";
import type { DeliverReport, DeliverRequest } from "../delivery/delivery-request.ts";

/** A delivery as a span: from handing the episodes over until each is accepted or buried. */
export function tracedDelivery(
  telemetry: Telemetry,
  { source, episodes, runId }: DeliverRequest,
  deliver: () => Promise<DeliverReport>,
): Promise<DeliverReport> {
  const attributes = {
    "statewave.source": formatSourceKey(source),
    "statewave.episodes": episodes.length,
    "statewave.run_id": runId,
  };
  return telemetry.span("deliver", { attributes }, async (span) => {
    const report = await deliver();
    span.set({ "statewave.delivered": report.delivered, "statewave.buried": report.buried });
    return report;
  });
}

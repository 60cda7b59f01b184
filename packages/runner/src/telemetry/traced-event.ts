import type { InboxItem } from "@statewave-connectors/connector-sdk/inbox";
import type { Telemetry } from "@statewave-connectors/connector-sdk/host";

/** Among the headers of a stored event, so that no stored format changes. A provider's own header of this name is not stored. */
const header = "traceparent";

/** An event that carries the trace in which it was accepted. A trigger has no headers, and carries none. */
export function carryingTrace(item: InboxItem, telemetry: Telemetry | undefined): InboxItem {
  const traceparent = telemetry?.current();
  if (traceparent === undefined || item.type !== "event") return item;
  return { ...item, headers: { ...item.headers, [header]: traceparent } };
}

/** The trace in which an item was accepted. */
export function traceOf(item: InboxItem): string | undefined {
  return item.type === "event" ? item.headers[header] : undefined;
}

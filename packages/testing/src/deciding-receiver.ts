import type { PushReceiver } from "@statewave-connectors/connector-sdk";
import { decideWebhook, type DecisionLimits } from "@statewave-connectors/connector-sdk/receive";

/** A receiver whose `receive` goes the whole way of a request, whether it was declared or not. */
export type DecidingReceiver = Pick<PushReceiver, "methods" | "pages" | "check" | "map" | "fetchItem"> &
  Required<Pick<PushReceiver, "receive">>;

/** An opened receiver, so that a test can ask what becomes of a request without storing it. */
export function decidingReceiver(receiver: PushReceiver, limits?: DecisionLimits): DecidingReceiver {
  const { methods } = receiver;
  return {
    ...(methods !== undefined && { methods }),
    receive: (request) => decideWebhook(receiver, request, limits),
    pages: (event, signal) => receiver.pages(event, signal),
    ...(receiver.check !== undefined && { check: receiver.check.bind(receiver) }),
    ...(receiver.map !== undefined && { map: receiver.map.bind(receiver) }),
    ...(receiver.fetchItem !== undefined && { fetchItem: receiver.fetchItem.bind(receiver) }),
  };
}

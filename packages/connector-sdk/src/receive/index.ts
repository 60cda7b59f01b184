// eslint-disable-next-line import/no-unassigned-import -- it must be evaluated before everything else
import "../require-node.ts";

export { bodyTooLarge, internalError, jsonAnswer, methodNotAllowed, sendableResponse, unavailable } from "./answers.ts";
export { wireLimitBytes } from "./body-limit.ts";
export { assertVerifies, decideWebhook, type DecisionLimits } from "./decide-webhook.ts";
export { openPushReceiver, type OpenedPushReceiver, type OpenPushReceiverOptions } from "./open-push-receiver.ts";
export {
  discardRequestBody,
  joinBytes,
  mostDiscardedBytes,
  readRequestBody,
  type RequestBodyLimits,
  type RequestBodyReading,
} from "./read-request-body.ts";
export { ignoredSample, sampleHeader, sampleIdPrefix } from "./sample-mark.ts";
export { isStored, receiveAndStore, type ReceiptOutcome, type WebhookIntake } from "./receive-and-store.ts";
export { defaultReceiverMethods, type FetchHandlerOptions, toFetchHandler } from "./to-fetch-handler.ts";
export { type FetchHandler, type NodeListener, toNodeListener } from "./to-node-listener.ts";

// eslint-disable-next-line import/no-unassigned-import -- it must be evaluated before everything else
import "./require-node.ts";

export type { CheckResult } from "./contract/check-result.ts";
export type { Clock } from "./contract/clock.ts";
export { sleep } from "./contract/clock.ts";
export type { ConfigSchema } from "./contract/config-schema.ts";
export {
  type Connector,
  type ConnectorContext,
  defineConnector,
  type PullDeclaration,
  type PullRange,
  type PullSource,
  type PushDeclaration,
  type Right,
} from "./contract/connector.ts";
export type { Author, Episode, SourcePointer } from "./contract/episode.ts";
export { ConnectorsError, describeError, isConnectorsError } from "./contract/errors.ts";
export { idempotencyKey } from "./contract/idempotency-key.ts";
export type { Logger } from "./contract/logger.ts";
export { mapItems } from "./contract/map-items.ts";
export { parseItem } from "./contract/parse-item.ts";
export type { FailedItem, Page } from "./contract/page.ts";
export {
  type PushReceiver,
  type Received,
  type ReceivedEvent,
  type ReceivedRequest,
  type ReceiverResponse,
  refuse,
} from "./contract/receiver.ts";
export type { Refusal } from "./contract/refusal.ts";
export { HealthOfParts, type ReportHealth, type SourceHealth } from "./contract/source-health.ts";
export type { SourceKey } from "./contract/source.ts";
export { canonicalSubject } from "./contract/subject.ts";
export { Secret } from "./secrets/secret.ts";

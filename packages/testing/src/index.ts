export { type DecidingReceiver, decidingReceiver } from "./deciding-receiver.ts";
export type {
  ConnectorSubject,
  NetworkProvider,
  PullFixture,
  RawItem,
  SocketProvider,
} from "./describe-connector/connector-subject.ts";
export { describeConnector } from "./describe-connector/describe-connector.ts";
export type { ListShape, RequestValue } from "./describe-connector/list-shape.ts";
export { type CursorStoreSubject, describeCursorStore } from "./describe-cursor-store/describe-cursor-store.ts";
export type { CursorStoreCapabilities, FillScope, OpenStore } from "./describe-cursor-store/store-harness.ts";
export { injectedTime, serverTime, type StoreTime } from "./describe-cursor-store/store-time.ts";
export { describeGoldenKeys, type GoldenKey, type GoldenKeysSubject } from "./describe-golden-keys.ts";
export { describeInbox } from "./describe-inbox/describe-inbox.ts";
export type { InboxCapabilities, InboxSetting, InboxSubject } from "./describe-inbox/inbox-subject.ts";
export { describeReceiver } from "./describe-receiver/describe-receiver.ts";
export type {
  ReceiverCapabilities,
  ReceiverSample,
  ReceiverSubject,
  UnsignedDelivery,
} from "./describe-receiver/receiver-subject.ts";
export { documentedKinds } from "./documented-kinds.ts";
export {
  type EntryOptions,
  fakeContext,
  type OpenEntry,
  openEntry,
  type OpenReceiver,
  openReceiver,
  validateOptions,
} from "./open-entry.ts";
export type { GateRequest } from "./provider-gate.ts";
export { readmeProblems, type ReadmeSubject } from "./readme-problems.ts";
export { signAs, type SignedMember } from "./sign-as.ts";
export { type Recording, type ReplayServer, startReplayServer } from "./start-replay-server.ts";

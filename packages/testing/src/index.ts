export { type DecidingReceiver, decidingReceiver } from "./deciding-receiver.ts";
export type { ConnectorCase } from "./describe-connector/connector-case.ts";
export type {
  ConnectorSubject,
  NetworkProvider,
  PullFixture,
  RawItem,
  SocketProvider,
} from "./describe-connector/connector-subject.ts";
export type { ListShape, RequestValue } from "./describe-connector/list-shape.ts";
export { connectorCasesFor, describeConnector, runConnectorCase } from "./describe-connector/describe-connector.ts";
export {
  type CursorStoreSubject,
  cursorStoreCasesFor,
  describeCursorStore,
  runCursorStoreCase,
} from "./describe-cursor-store/describe-cursor-store.ts";
export type { CursorStoreCase } from "./describe-cursor-store/cursor-store-case.ts";
export type { CursorStoreCapabilities, FillScope, OpenStore } from "./describe-cursor-store/store-harness.ts";
export { injectedTime, serverTime, type StoreTime } from "./describe-cursor-store/store-time.ts";
export { describeGoldenKeys, type GoldenKey, type GoldenKeysSubject } from "./describe-golden-keys.ts";
export { describeInbox, inboxCases, runInboxCase } from "./describe-inbox/describe-inbox.ts";
export type { InboxCase } from "./describe-inbox/inbox-case.ts";
export type { InboxCapabilities, InboxSubject, InboxSetting } from "./describe-inbox/inbox-subject.ts";
export { describeReceiver, receiverCasesFor, runReceiverCase } from "./describe-receiver/describe-receiver.ts";
export type { ReceiverCase } from "./describe-receiver/receiver-case.ts";
export type {
  ReceiverCapabilities,
  ReceiverSample,
  ReceiverSubject,
  UnsignedDelivery,
} from "./describe-receiver/receiver-subject.ts";
export { documentedKinds } from "./documented-kinds.ts";
export { dovecotPassword } from "./dovecot/dovecot-config.ts";
export { type DovecotOptions, type DovecotServer, hasDovecot, startDovecot } from "./dovecot/start-dovecot.ts";
export type { AppendedMail, ImapScript } from "./dovecot/imap-script.ts";
export { describeWithService } from "./describe-with-service.ts";
export { FakeClock } from "./fake-clock.ts";
export { freePort } from "./free-port.ts";
export { type Authority, type KeyAndCertificate, makeAuthority, makeSelfSigned } from "./make-authority.ts";
export {
  type EntryOptions,
  fakeContext,
  type OpenEntry,
  openEntry,
  type OpenReceiver,
  openReceiver,
  validateOptions,
} from "./open-entry.ts";
export { readmeProblems, type ReadmeSubject } from "./readme-problems.ts";
export type { GateRequest } from "./provider-gate.ts";
export { seededRandom } from "./seeded-random.ts";
export {
  type FakeStatewave,
  type FakeStatewaveOptions,
  type FakeStatewaveStats,
  type Fault,
  type Keep,
  startFakeStatewave,
  type StoredEpisode,
} from "./fake-statewave/index.ts";
export { signAs, type SignedMember } from "./sign-as.ts";
export { type ProxyMode, startTcpProxy, type TcpProxy } from "./start-tcp-proxy.ts";
export { type HttpProxy, type HttpProxyOptions, startHttpProxy } from "./start-http-proxy.ts";
export { hasPgBouncer, type PgBouncer, startPgBouncer } from "./start-pgbouncer.ts";
export { hasRedisServer, type RedisServer, startRedisServer } from "./start-redis-server.ts";
export { type Recording, type ReplayServer, startReplayServer } from "./start-replay-server.ts";

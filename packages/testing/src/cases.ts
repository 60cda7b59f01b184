/** The cases of the suites one by one, to test the suites themselves. */
export type { ConnectorCase } from "./describe-connector/connector-case.ts";
export { connectorCasesFor, runConnectorCase } from "./describe-connector/describe-connector.ts";
export type { CursorStoreCase } from "./describe-cursor-store/cursor-store-case.ts";
export { cursorStoreCasesFor, runCursorStoreCase } from "./describe-cursor-store/describe-cursor-store.ts";
export { inboxCases, runInboxCase } from "./describe-inbox/describe-inbox.ts";
export type { InboxCase } from "./describe-inbox/inbox-case.ts";
export { receiverCasesFor, runReceiverCase } from "./describe-receiver/describe-receiver.ts";
export type { ReceiverCase } from "./describe-receiver/receiver-case.ts";

export { connector, gmailConnector } from "./connector.ts";
export type { PushHooks, VerifyAuth } from "./webhook/push.ts";

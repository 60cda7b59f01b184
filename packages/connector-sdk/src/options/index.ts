// eslint-disable-next-line import/no-unassigned-import -- it must be evaluated before everything else
import "../require-node.ts";

export type { SchemaIssue, SchemaResult } from "../contract/config-schema.ts";
export { checkOptions } from "./check-options.ts";
export { fixedMessagesOf } from "./fixed-messages.ts";
export { fitsHeader } from "./fits-header.ts";
export { headerText, optionalHeaderText } from "./header-text.ts";
export { headerSecret, optionalHeaderSecret, optionalSecret, rotatingSecret, secret, type SecretPieceOptions } from "./secret.ts";
export { hasReadableUserInfo, passwordsOf, secretUrl, type SecretUrlOptions } from "./secret-url.ts";
export { firstSyncSinceMs, parseSinceDefault, type SinceDefault, sinceDefaultMessage } from "./since-default.ts";
export { withoutTrailingSlashes } from "./trailing-slashes.ts";
export { findUserInfo, type UserInfo } from "./user-info.ts";

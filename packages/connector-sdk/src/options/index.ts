// eslint-disable-next-line import/no-unassigned-import -- it must be evaluated before everything else
import "../require-node.ts";

export { allowedHosts } from "./allowed-hosts.ts";
export { baseUrl, type BaseUrlOptions } from "./base-url.ts";
export { isCalendarDate } from "./calendar-date.ts";
export { checkOptions } from "./check-options.ts";
export { duration, type DurationOptions } from "./duration.ts";
export { entryStreams, type EntryStreams, type EntryStreamsOptions } from "./entry-streams.ts";
export { fitsHeader } from "./fits-header.ts";
export { headerText, optionalHeaderText } from "./header-text.ts";
export { type NameMatcher, nameMatcher, type NamePatternOptions } from "./name-pattern.ts";
export { oneOrMany, type OneOrManyOptions } from "./one-or-many.ts";
export { namePattern, pathPattern } from "./pattern-options.ts";
export { parseDurationMs, parseSizeBytes } from "./quantities.ts";
export { headerSecret, optionalHeaderSecret, optionalSecret, rotatingSecret, secret, type SecretPieceOptions } from "./secret.ts";
export { hasReadableUserInfo, passwordsOf, secretUrl, type SecretUrlOptions } from "./secret-url.ts";
export { sinceDefault } from "./since.ts";
export { firstSyncSinceMs, parseSinceDefault, type SinceDefault, sinceDefaultMessage } from "./since-default.ts";
export { size, type SizeOptions } from "./size.ts";
export { chosenStreams, type StreamChoice, streamList } from "./stream-list.ts";
export { withoutTrailingSlashes } from "./trailing-slashes.ts";
export { findUserInfo, type UserInfo } from "./user-info.ts";

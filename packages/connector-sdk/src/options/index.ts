export { fitsHeader, headerText, optionalHeaderText } from "./header-text.ts";
export { headerSecret, optionalHeaderSecret, optionalSecret, rotatingSecret, secret, type SecretPieceOptions } from "./secret.ts";
export { hasReadableUserInfo, passwordsOf, secretUrl, type SecretUrlOptions } from "./secret-url.ts";
export { findUserInfo, type UserInfo } from "./user-info.ts";

// eslint-disable-next-line import/no-unassigned-import -- it must be evaluated before everything else
import "../require-node.ts";

export { checkHmacSignature, type HmacSignature } from "./check-hmac-signature.ts";
export { constantTimeEqual, type HmacCheck, isFreshTimestamp, verifyHmac } from "./verify-hmac.ts";

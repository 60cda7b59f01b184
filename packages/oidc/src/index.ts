export type { IdTokenExpectation, SignatureAlgorithm } from "./id-token-expectation.ts";
export { idTokenVerifier } from "./id-token-verifier.ts";
export { type ServiceAccount, serviceAccount } from "./service-account.ts";
export { parseServiceAccountKey, type ServiceAccountKey } from "./service-account-key.ts";

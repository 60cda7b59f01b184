// eslint-disable-next-line import/no-unassigned-import -- it must be evaluated before everything else
import "../require-node.ts";

export type { SampleMark, WebhookSample } from "../contract/connector.ts";
export type { Respond, VerifyRequest } from "../contract/receiver.ts";
export { constantTimeEqual } from "./constant-time-equal.ts";
export { basic, ed25519, hmac, standardWebhooks, token } from "./declare.ts";
export { parseJsonBody } from "./json-body.ts";
export type { SignatureList } from "./sent-signatures.ts";
export type {
  BasicCredentials,
  Ed25519Signature,
  HmacSignature,
  SharedToken,
  Signature,
  SignedHeader,
  StandardWebhooks,
} from "./signature.ts";
export { type DeliverySigner, headerSigner, type DeliveryToSign } from "./signed-headers.ts";
export { type SignedRequest, SignedText } from "./signed-text.ts";
export type { SignedTime } from "./signed-time.ts";
export { standardWebhooksHeader } from "./standard-webhooks.ts";
export type { Verifier } from "./signed-verifier.ts";
export { type DeliveryProof, type DeliveryProver, proverOf, withProver } from "./signer.ts";
export { isKeyOf, type Secrets, verifier } from "./verifier.ts";
export { answerChallenge, ignore } from "./webhook-answers.ts";

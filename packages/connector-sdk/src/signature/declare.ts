import { ConnectorsError } from "../contract/errors.ts";
import type {
  BasicCredentials,
  Ed25519Signature,
  HmacSignature,
  SharedToken,
  Signature,
  SignedHeader,
  StandardWebhooks,
} from "./signature.ts";
import { SignedText } from "./signed-text.ts";

/**
 * An HMAC in a header: GitHub, Slack, Zendesk, Intercom, Stripe and most others.
 *
 * @example
 * hmac({
 *   header: "x-slack-signature",
 *   algorithm: "sha256",
 *   prefix: "v0=",
 *   timestamp: { header: "x-slack-request-timestamp", toleranceSeconds: 300 },
 *   signed: "v0:{timestamp}:{body}",
 *   secretOption: "signing_secret",
 * });
 */
export function hmac(signature: HmacSignature): Signature & { readonly scheme: "hmac" } {
  return { scheme: "hmac", ...sound(signature) };
}

/** A signature by the provider's Ed25519 key; the entry has the public half. */
export function ed25519(signature: Ed25519Signature): Signature & { readonly scheme: "ed25519" } {
  return { scheme: "ed25519", ...sound(signature) };
}

/** A shared token in a header: GitLab, Freshdesk. */
export function token(shared: SharedToken): Signature & { readonly scheme: "token" } {
  return { scheme: "token", ...shared };
}

/** User and password: Freshdesk. */
export function basic(credentials: BasicCredentials): Signature & { readonly scheme: "basic" } {
  return { scheme: "basic", ...credentials };
}

/** Standard Webhooks, also under the names of Svix. */
export function standardWebhooks(signature: StandardWebhooks): Signature & { readonly scheme: "standardWebhooks" } {
  return { scheme: "standardWebhooks", ...signature };
}

/** A declaration that would let a changed request pass is refused where it is made. */
function sound<Declared extends SignedHeader>(declared: Declared): Declared {
  const { header, timestamp, signed = "{body}" } = declared;
  const text = new SignedText(signed);
  if (!text.covers("body")) throw unsound(`the signature in ${header} does not cover the body`, "write `{body}` into `signed`");
  if ((timestamp !== undefined) !== text.covers("timestamp")) {
    throw unsound(
      `the time beside ${header} is not signed, or is not declared`,
      "declare `timestamp`, and write `{timestamp}` into `signed`",
    );
  }
  if (
    timestamp !== undefined &&
    timestamp.header === undefined &&
    (timestamp.entry === undefined || declared.list === undefined)
  ) {
    throw unsound(`nothing says where the time beside ${header} is sent`, "name its header, or its entry in the `list`");
  }
  return declared;
}

function unsound(message: string, hint: string): ConnectorsError {
  return new ConnectorsError({ code: "PUSH_SIGNATURE_UNSOUND", message, hint });
}

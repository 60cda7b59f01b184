import { createHash, timingSafeEqual } from "node:crypto";
import type { Refusal } from "../contract/refusal.ts";
import { refusal } from "./refusals.ts";
import type { BasicCredentials, SharedToken } from "./signature.ts";
import type { Verifier } from "./signed-verifier.ts";

/** Verifies that the sender shows the token. */
export function tokenVerifier({ header, prefix = "", secretOption }: SharedToken, secrets: readonly string[]): Verifier {
  const hinted = { header, secretOption, holds: "the token that the sender sends" };
  const isShown = comparison(secrets);
  return ({ headers }) => {
    const sent = headers[header];
    if (sent === undefined) return refusal("signature_missing", hinted);
    const isPrefixed = sent.slice(0, prefix.length).toLowerCase() === prefix.toLowerCase();
    const shown = isPrefixed ? wireBytes(sent.slice(prefix.length)) : undefined;
    if (shown === undefined) return refusal("signature_malformed", hinted);
    return isShown(shown) ? undefined : refusal("signature_invalid", hinted);
  };
}

const scheme = /^basic +/i;
const challenge = 'Basic realm="webhooks", charset="UTF-8"';

/** Verifies that the sender shows user and password. */
export function basicVerifier({ user, secretOption }: BasicCredentials, secrets: readonly string[]): Verifier {
  const hinted = { header: "authorization", secretOption, holds: "the password that the sender sends" };
  const isShown = comparison(secrets.map((secret) => (user === undefined ? secret : `${user}:${secret}`)));
  const refused = (reason: Parameters<typeof refusal>[0]): Refusal => ({ ...refusal(reason, hinted), challenge });
  return ({ headers }) => {
    const { authorization: sent } = headers;
    if (sent === undefined) return refused("signature_missing");
    const start = scheme.exec(sent)?.[0].length;
    const shown = start === undefined ? undefined : decodeBase64(sent.slice(start).trimEnd());
    if (shown === undefined) return refused("signature_malformed");
    return isShown(shown) ? undefined : refused("signature_invalid");
  };
}

/** No provider's token is longer. */
const maxShownLength = 8_192;

/** Header values are the bytes on the wire, read as Latin-1. */
function wireBytes(text: string): Buffer | undefined {
  if (text === "" || text.length > maxShownLength) return undefined;
  const bytes = Buffer.from(text, "latin1");
  return bytes.toString("latin1") === text ? bytes : undefined;
}

/** Only the one spelling that encoders write. */
function decodeBase64(text: string): Buffer | undefined {
  if (text === "" || text.length > maxShownLength) return undefined;
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

/** Compares digests: neither the length of a secret nor the place of the first difference shows in the time that it takes. */
function comparison(secrets: readonly string[]): (sent: Uint8Array) => boolean {
  const expected = secrets.map((secret) => digestOf(Buffer.from(secret, "utf8")));
  return (sent) => {
    const digest = digestOf(sent);
    let matched = false;
    for (const each of expected) if (timingSafeEqual(each, digest)) matched = true;
    return matched;
  };
}

function digestOf(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

import { createPublicKey, createSecretKey, type KeyObject } from "node:crypto";
import type { HmacSignature } from "./signature.ts";

/** DER in front of a raw Ed25519 key (RFC 8410 §4). */
const ed25519Header = Buffer.from("302a300506032b6570032100", "hex");

/** How the secret of an HMAC is read: as text, or as the bytes that it spells. A key that is given as bytes costs several times as much to use. */
export function hmacKey({
  secretEncoding = "utf8",
}: Pick<HmacSignature, "secretEncoding">): (text: string) => KeyObject | undefined {
  if (secretEncoding === "utf8") return (text) => secretKey(Buffer.from(text, "utf8"));
  return (text) => secretKey(decodeKey(text, secretEncoding));
}

/** A key of Standard Webhooks: a secret (`whsec_…`, or the same without its prefix), or a public key (`whpk_…`). */
export function standardWebhooksKey(text: string): KeyObject | undefined {
  if (text.startsWith("whpk_")) return ed25519Key(text.slice("whpk_".length));
  return secretKey(decodeKey(text.startsWith("whsec_") ? text.slice("whsec_".length) : text, "base64"));
}

function secretKey(bytes: Uint8Array | undefined): KeyObject | undefined {
  return bytes === undefined || bytes.length === 0 ? undefined : createSecretKey(bytes);
}

/** An Ed25519 public key in any of its spellings: PEM, or the 32 bytes as hex or base64; undefined when it is none. */
export function ed25519Key(text: string): KeyObject | undefined {
  if (text.startsWith("-----BEGIN")) return publicKey(text);
  const raw = decodeKey(text, text.length === 64 ? "hex" : "base64");
  if (raw?.length !== 32) return undefined;
  return publicKey({ key: Buffer.concat([ed25519Header, raw]), format: "der", type: "spki" });
}

function publicKey(input: Parameters<typeof createPublicKey>[0]): KeyObject | undefined {
  try {
    const key = createPublicKey(input);
    return key.asymmetricKeyType === "ed25519" ? key : undefined;
  } catch {
    return undefined;
  }
}

/** The bytes that base64 (with or without padding) or hex spells; undefined when it is neither. */
function decodeKey(text: string, encoding: "base64" | "hex"): Buffer | undefined {
  const decoded = Buffer.from(text, encoding);
  const spelling = encoding === "hex" ? text.toLowerCase() : text.padEnd(Math.ceil(text.length / 4) * 4, "=");
  return decoded.length > 0 && decoded.toString(encoding) === spelling ? decoded : undefined;
}

import { createPrivateKey, type KeyObject } from "node:crypto";
import { Secret } from "@statewave-connectors/connector-sdk";
import { revealed } from "@statewave-connectors/connector-sdk/secrets";

/** What the JSON file of a service account's key holds. */
export interface ServiceAccountKey {
  readonly clientEmail: string;
  /** RSA. It prints nothing of itself. */
  readonly privateKey: KeyObject;
  readonly keyId: string | undefined;
  /** Where tokens are requested: https, or any URL of this machine. */
  readonly tokenUrl: string;
}

const shortestRsaBits = 2_048;

/**
 * The content of a key file as Google writes it; undefined when it is another text. For the check of an option, so that a wrong file is found
 * before the first request.
 */
export function parseServiceAccountKey(text: string | Secret): ServiceAccountKey | undefined {
  const fields = parseObject(revealed(text));
  const clientEmail = fields["client_email"];
  const pem = fields["private_key"];
  const keyId = fields["private_key_id"];
  const tokenUrl = fields["token_uri"] ?? "https://oauth2.googleapis.com/token";
  if (fields["type"] !== "service_account" || typeof clientEmail !== "string" || typeof pem !== "string") return undefined;
  if (typeof tokenUrl !== "string" || !isSafeUrl(tokenUrl)) return undefined;
  // Masked by itself, too: an error may quote a part of the file.
  const privateKey = rsaKey(new Secret(pem));
  return privateKey && { clientEmail, privateKey, keyId: typeof keyId === "string" ? keyId : undefined, tokenUrl };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);

function isSafeUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && (url.protocol === "https:" || (url.protocol === "http:" && loopback.has(url.hostname)));
}

function rsaKey(pem: Secret): KeyObject | undefined {
  try {
    const key = createPrivateKey(pem.reveal());
    return key.asymmetricKeyType === "rsa" && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= shortestRsaBits ? key : undefined;
  } catch {
    return undefined;
  }
}

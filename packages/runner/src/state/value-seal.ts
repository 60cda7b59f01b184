import { createCipheriv, createDecipheriv, randomBytes, scrypt } from "node:crypto";
import { ConnectorsError, type Secret } from "@statewave-connectors/connector-sdk";
import type { ValueSeal } from "@statewave-connectors/connector-sdk/store";

/** A value as it lies in the store. */
type Envelope =
  | { readonly v: 1; readonly plain: string }
  /** `data` is the encrypted value and the tag; `salt` is that of a passphrase. All in base64. */
  | { readonly v: 1; readonly salt?: string; readonly iv: string; readonly data: string };

const cipherName = "aes-256-gcm";
const keyBytes = 32;
const ivBytes = 12;
const tagBytes = 16;
const saltBytes = 16;
/** About 50 ms and 32 MiB for each salt: one for each process that ever wrote a value. */
const scryptCost = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1_024 * 1_024 };
const mostDerivedKeys = 100;

/**
 * Encrypts the values of storages with `[runner.state] key`: AES-256-GCM, each value bound to its place. The first key encrypts, all of them
 * decrypt, so that a key can be replaced. Without a key values are stored as they are; those are read with a key, too.
 */
export class KeyedSeal implements ValueSeal {
  readonly #keys: readonly StateKey[];

  /** `derive` makes a key of a passphrase. */
  constructor(keys: readonly Secret[] = [], derive: DeriveKey = deriveKey) {
    this.#keys = keys.map((key) => new StateKey(key, derive));
  }

  async seal(text: string, place: string): Promise<string> {
    const [key] = this.#keys;
    const envelope: Envelope = key === undefined ? { v: 1, plain: text } : await key.encrypt(text, place);
    return JSON.stringify(envelope);
  }

  async open(sealed: string, place: string): Promise<string> {
    const envelope = parseEnvelope(sealed);
    if (envelope === undefined) throw locked(place, "has another form than this release knows");
    if ("plain" in envelope) return envelope.plain;
    if (this.#keys.length === 0) throw locked(place, "is encrypted, and [runner.state] has no `key`");
    for (const key of this.#keys) {
      const text = await key.decrypt(envelope, place);
      if (text !== undefined) return text;
    }
    throw locked(place, "was encrypted with another key than [runner.state] `key`, or was altered");
  }
}

type DeriveKey = (passphrase: string, salt: Buffer) => Promise<Buffer>;
type Encrypted = Extract<Envelope, { readonly iv: string }>;

/** 32 bytes as base64, or a passphrase. */
class StateKey {
  readonly #key: Secret;
  readonly #raw: Buffer | undefined;
  readonly #derive: DeriveKey;
  /** Of this process, for what it encrypts with a passphrase. */
  readonly #salt = randomBytes(saltBytes).toString("base64");
  readonly #derived = new Map<string, Promise<Buffer>>();

  constructor(key: Secret, derive: DeriveKey) {
    this.#key = key;
    this.#derive = derive;
    this.#raw = rawKey(key.reveal());
  }

  async encrypt(text: string, place: string): Promise<Encrypted> {
    const salt = this.#raw === undefined ? { salt: this.#salt } : {};
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv(cipherName, await this.#bytes(salt.salt), iv, { authTagLength: tagBytes });
    cipher.setAAD(Buffer.from(place));
    const data = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return { v: 1, ...salt, iv: iv.toString("base64"), data: data.toString("base64") };
  }

  /** Undefined: it was encrypted with another key, for another place, or altered. */
  async decrypt({ salt, iv, data }: Encrypted, place: string): Promise<string | undefined> {
    if ((this.#raw === undefined) !== (salt !== undefined)) return undefined;
    const bytes = Buffer.from(data, "base64");
    if (bytes.length < tagBytes) return undefined;
    const key = await this.#bytes(salt);
    try {
      const decipher = createDecipheriv(cipherName, key, Buffer.from(iv, "base64"), { authTagLength: tagBytes });
      decipher.setAAD(Buffer.from(place));
      decipher.setAuthTag(bytes.subarray(-tagBytes));
      return Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()]).toString("utf8");
    } catch {
      return undefined;
    }
  }

  #bytes(salt: string | undefined): Promise<Buffer> {
    if (this.#raw !== undefined) return Promise.resolve(this.#raw);
    const known = this.#derived.get(salt ?? "");
    if (known !== undefined) return known;
    if (this.#derived.size >= mostDerivedKeys) this.#derived.clear();
    const derived = this.#derive(this.#key.reveal(), Buffer.from(salt ?? "", "base64"));
    this.#derived.set(salt ?? "", derived);
    // The next use tries again: a machine that is short of memory may have some by then.
    derived.catch(() => this.#derived.delete(salt ?? ""));
    return derived;
  }
}

const rawKeyPattern = /^[A-Za-z0-9+/_-]{43}=?$/;

function rawKey(text: string): Buffer | undefined {
  if (!rawKeyPattern.test(text)) return undefined;
  const bytes = Buffer.from(text, "base64");
  return bytes.length === keyBytes ? bytes : undefined;
}

/** Rejects when the machine has no memory for it. */
export function deriveKey(passphrase: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize("NFC"), salt, keyBytes, scryptCost, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}

function parseEnvelope(text: string): Envelope | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isEnvelope(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isEnvelope(parsed: unknown): parsed is Envelope {
  if (typeof parsed !== "object" || parsed === null) return false;
  const { v, plain, salt, iv, data } = parsed as Readonly<Record<string, unknown>>;
  if (v !== 1) return false;
  if (plain !== undefined) return typeof plain === "string";
  return typeof iv === "string" && typeof data === "string" && (salt === undefined || typeof salt === "string");
}

function locked(place: string, why: string): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_STORAGE_LOCKED",
    message: `the stored value ${JSON.stringify(place)} ${why}`,
    hint: "set `key` of [runner.state] to the key that it was encrypted with, or delete it with `statewave-connectors state delete-secrets` and sign in again",
  });
}

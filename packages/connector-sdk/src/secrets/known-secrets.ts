import { SecretIndex } from "./secret-index.ts";
import { spellingsOf } from "./spellings.ts";

/** Shared by every installed version of the SDK: its layout is fixed. */
interface KnownSecrets {
  /** Value → whether it was minted, in the order of arrival. */
  readonly values: Map<string, boolean>;
  mintedCount: number;
  /** Raised whenever values are dropped: an index of them is then out of date. */
  generation: number;
}

const registryKey = Symbol.for("@statewave-connectors/known-secrets/1");
/** Shorter values stand in ordinary words, which masking would blot out. */
const shortestMaskedLength = 6;
const maxConfigured = 10_000;
const maxMinted = 1_000;
/** Dropped at once: every drop costs a new index. */
const droppedTogether = 100;

function registry(): KnownSecrets {
  const shared = globalThis as { [registryKey]?: KnownSecrets };
  return (shared[registryKey] ??= { values: new Map(), mintedCount: 0, generation: 0 });
}

/** Makes {@link maskSecrets} mask `value` from now on, in the whole process. Values under six characters are not masked. */
export function rememberSecret(value: string, { minted = false }: { readonly minted?: boolean } = {}): void {
  if (value.length < shortestMaskedLength) return;
  const known = registry();
  const before = known.values.get(value);
  // A configured one stays configured when a provider issues the same.
  if (before === false || before === minted) return;
  if (before === true) known.mintedCount -= 1;
  known.values.set(value, minted);
  if (minted) known.mintedCount += 1;
  const count = minted ? known.mintedCount : known.values.size - known.mintedCount;
  if (count > (minted ? maxMinted : maxConfigured)) dropOldest(known, minted);
}

function dropOldest(known: KnownSecrets, minted: boolean): void {
  let left = droppedTogether;
  for (const [value, isMinted] of known.values) {
    if (isMinted !== minted) continue;
    known.values.delete(value);
    if (minted) known.mintedCount -= 1;
    left -= 1;
    if (left === 0) break;
  }
  known.generation += 1;
}

let index = new SecretIndex();
let indexedGeneration = 0;
let indexedCount = 0;

/** The index of all known values. Those that arrived since the last call are added here, so that a start without a text to mask costs nothing. */
function currentIndex(): SecretIndex {
  const { values, generation } = registry();
  if (generation !== indexedGeneration) {
    index = new SecretIndex();
    indexedGeneration = generation;
    indexedCount = 0;
  }
  if (values.size > indexedCount) {
    let position = 0;
    for (const value of values.keys()) {
      position += 1;
      if (position <= indexedCount) continue;
      for (const spelling of spellingsOf(value)) if (spelling.length >= shortestMaskedLength) index.add(spelling);
    }
    indexedCount = values.size;
  }
  return index;
}

/**
 * `text` with every known secret, however it is encoded, and the user info of every URL replaced by `***`. With `maxLength` only so much of
 * `text` is shown, and a secret that begins in it is masked whole. Linear in `text`, whatever the number of secrets.
 */
export function maskSecrets(text: string, maxLength: number = text.length): string {
  return currentIndex().mask(text, Math.min(maxLength, text.length));
}

const maxDepth = 32;

/** A JSON-able value with every text in it redacted, and every number that is a secret; keys stay. */
export function maskSecretsIn(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return maskSecrets(value);
  if (typeof value === "number" || typeof value === "bigint") {
    const masked = maskSecrets(String(value));
    return masked === "***" ? masked : value;
  }
  if (typeof value !== "object" || value === null) return value;
  if (depth > maxDepth) return "[…]";
  if ("toJSON" in value && typeof value.toJSON === "function") return maskSecretsIn(value.toJSON(), depth + 1);
  if (Array.isArray(value)) return value.map((item) => maskSecretsIn(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskSecretsIn(item, depth + 1)]));
}

import { createHash } from "node:crypto";
import { canonicalSubject } from "@statewave-connectors/connector-sdk";
import { foldName } from "./fold-name.ts";

/** A subject that is to be erased, in the forms in which it may stand somewhere. */
export interface SubjectSpellings {
  /** As Statewave knows it. */
  readonly canonical: string;
  /** What stands up to its first colon, with it: a source names `acme/widgets`, and not `repo:acme/widgets`. Empty where it has none. */
  readonly type: string;
  /** In full. */
  readonly whole: Spellings;
  /** Also without its type. */
  readonly named: Spellings;
}

export interface Spellings {
  /** As they stand in a text or in a URL. */
  readonly texts: readonly string[];
  /** In the characters of Statewave, to which other names fold as well. */
  readonly folded: readonly string[];
}

/** A shorter name would be found everywhere. */
export const leastNameLength = 3;
const hashLength = 16;

export function spellingsOf(subject: string): SubjectSpellings {
  const canonical = canonicalSubject(subject);
  const whole = [...new Set([subject, canonical])];
  const type = canonical.slice(0, canonical.indexOf(":") + 1);
  const names = whole.map((text) => text.slice(text.indexOf(":") + 1)).filter((name) => name.length >= leastNameLength);
  return { canonical, type, whole: toSpellings(whole), named: toSpellings([...whole, ...names]) };
}

function toSpellings(names: readonly string[]): Spellings {
  const texts = new Set(names.flatMap((name) => [name, ...urlSpellings(name)]));
  const folded = new Set(names.flatMap((name) => [foldName(name), withoutDigest(foldName(name))]));
  return { texts: [...texts], folded: [...folded].filter((name) => name.length >= leastNameLength) };
}

function urlSpellings(name: string): readonly string[] {
  const escaped = encodeURIComponent(name.toWellFormed());
  return [escaped, escaped.replaceAll(/%[0-9A-F]{2}/g, (each) => each.toLowerCase())];
}

/** Where characters were replaced, a digest of the original follows: without it, the rest has the length of the original. */
function withoutDigest(canonical: string): string {
  return canonical.replace(/-[0-9a-f]{8}$/, "");
}

/** How the audit log names a subject that was erased: a reader who knows the subject finds the entry, and no other reader learns it. */
export function hashedSubject(subject: string): string {
  const hash = createHash("sha256").update(canonicalSubject(subject)).digest("hex");
  return `sha256:${hash.slice(0, hashLength)}`;
}

/** Whether a value is this subject. */
export function isSubject(value: unknown, { canonical }: SubjectSpellings): boolean {
  return typeof value === "string" && canonicalSubject(value) === canonical;
}

import { createHash } from "node:crypto";
import { canonicalSubject } from "@statewave-connectors/connector-sdk";

/** A subject that is to be erased, in the forms in which it may stand somewhere. */
export interface SubjectSpellings {
  /** As Statewave knows it. */
  readonly canonical: string;
  /** In full. */
  readonly whole: readonly string[];
  /** Also without what stands before its first colon: a source names `acme/widgets`, and not `repo:acme/widgets`. */
  readonly named: readonly string[];
}

/** A shorter name would be found everywhere. */
const leastNameLength = 3;
const hashLength = 16;

export function spellingsOf(subject: string): SubjectSpellings {
  const canonical = canonicalSubject(subject);
  const whole = [...new Set([subject, canonical])];
  const names = whole.map((text) => text.slice(text.indexOf(":") + 1)).filter((name) => name.length >= leastNameLength);
  return { canonical, whole, named: [...new Set([...whole, ...names])] };
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

/** Whether a text mentions one of the spellings, and not only as a part of a longer name. */
export function mentions(text: string, spellings: readonly string[]): boolean {
  return spellings.some((spelling) => indexOfName(text, spelling, 0) >= 0);
}

/** The text with each mention replaced. */
export function withoutMentions(text: string, spellings: readonly string[], replacement = "[erased]"): string {
  let cut = text;
  for (const spelling of spellings.toSorted((left, right) => right.length - left.length)) {
    let kept = "";
    let from = 0;
    for (let at = indexOfName(cut, spelling, 0); at >= 0; at = indexOfName(cut, spelling, from)) {
      kept += cut.slice(from, at) + replacement;
      from = at + spelling.length;
    }
    cut = kept + cut.slice(from);
  }
  return cut;
}

function indexOfName(text: string, name: string, from: number): number {
  if (name === "") return -1;
  for (let at = text.indexOf(name, from); at >= 0; at = text.indexOf(name, at + 1)) {
    const isWhole = !isNamePart(text, at - 1, -1) && !isNamePart(text, at + name.length, 1);
    if (isWhole) return at;
  }
  return -1;
}

/** A full stop or a hyphen belongs to a name only where the name continues behind it. */
function isNamePart(text: string, at: number, step: 1 | -1): boolean {
  const character = text[at] ?? "";
  if (/[\p{L}\p{N}_]/u.test(character)) return true;
  return /[.-]/.test(character) && /[\p{L}\p{N}_]/u.test(text[at + step] ?? "");
}

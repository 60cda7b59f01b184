import { hash } from "node:crypto";

/** Statewave's limit for `subject_id` and `session_id`. */
export const maxSubjectLength = 256;

const hashLength = 8;
/** Most subjects are as Statewave takes them. */
const accepted = /^[A-Za-z0-9_.:-]*$/;

/**
 * Maps a subject to the characters that Statewave accepts (`A–Z a–z 0–9 _ . - :`, 1–256).
 *
 * `/` becomes `.`; anything else becomes `-`. The second step and a cut to length could fold two subjects into one, so when either
 * changed anything, `-` and 8 hex of SHA-256 of the original are appended. An empty subject stays empty.
 *
 * @example canonicalSubject("repo:acme/widgets") // "repo:acme.widgets"
 */
export function canonicalSubject(subject: string): string {
  const dotted = subject.replaceAll("/", ".");
  if (dotted.length <= maxSubjectLength && accepted.test(dotted)) return dotted;
  const cleaned = dotted.replaceAll(/[^A-Za-z0-9_.:-]/gu, "-");
  const digest = hash("sha256", subject, "hex").slice(0, hashLength);
  return `${cleaned.slice(0, maxSubjectLength - hashLength - 1)}-${digest}`;
}

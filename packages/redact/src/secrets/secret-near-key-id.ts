import { alphabets } from "../alphabets.ts";
import type { Hit, Scan } from "../scan.ts";
import { leastCut } from "./randomness.ts";
import { secretsRule } from "./secrets-rule.ts";

const keyIdPrefixes = ["AKIA", "ASIA"];
const keyIdLength = 20;
/** An AWS secret access key: so many characters of base64, without padding and any sign of its own. */
const secretLength = 40;
const within = 200;

/** The secrets that belong to AWS key ids among `hits`: they have no prefix, and stand close by. */
export function secretsNearKeyIds(scan: Scan, hits: readonly Hit[]): readonly Hit[] {
  const found: Hit[] = [];
  let from = 0;
  for (const { start, end } of hits) {
    if (end - start !== keyIdLength || !keyIdPrefixes.some((prefix) => scan.text.startsWith(prefix, start))) continue;
    const last = Math.min(scan.text.length, end + within);
    addSecrets(scan, Math.max(from, start - within), last, found);
    from = last;
  }
  return found;
}

function addSecrets(scan: Scan, from: number, to: number, found: Hit[]): void {
  const { text } = scan;
  let at = from;
  while (at < to) {
    let end = at;
    while (end < text.length && end - at <= secretLength && isSecretCharacter(text.charCodeAt(end))) end += 1;
    scan.steps += end - at + 1;
    const isWhole = at === 0 || !isSecretCharacter(text.charCodeAt(at - 1));
    const isSecret = end - at === secretLength || (end - at >= leastCut && end - at < secretLength && scan.isCutAt(end));
    if (isWhole && isSecret && hasBothCases(text.slice(at, end))) found.push({ start: at, end, rule: secretsRule });
    at = end + 1;
  }
}

/** A path in small letters may be as long. */
function hasBothCases(value: string): boolean {
  return /[a-z]/.test(value) && /[A-Z]/.test(value);
}

function isSecretCharacter(code: number): boolean {
  return code !== 0x3d && alphabets.base64[code] === 1;
}

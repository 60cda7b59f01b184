import { canonicalDomain, parseAddresses } from "../headers/addresses.ts";
import { decodeWords } from "../headers/decode-words.ts";
import type { MailHeaders } from "../headers/mail-headers.ts";
import { type AuthenticationResult, lowerAscii, parseAuthenticationResults } from "./authentication-results.ts";

/** Which check of the own server vouches for the address in `From`. */
export interface VerifiedSender {
  readonly verifiedBy: "dmarc" | "dkim" | "spf";
}

/**
 * What the own server says about the sender, by the topmost `Authentication-Results` with its `authservId`. Undefined where it vouches for
 * nothing, or where a reader may be shown another sender than it checked.
 *
 * Aligned with the address in `From` is a check of the same domain, or of one above it.
 */
export function verifiedSender(headers: MailHeaders, authservId: string): VerifiedSender | undefined {
  const domain = domainOfSender(headers);
  if (domain === undefined || authservId.trim() === "") return undefined;
  const results = resultsOf(headers, lowerAscii(authservId.trim()));
  const dmarc = results.filter(({ method }) => method === "dmarc");
  // A server reports DMARC once: a second result stands in something that the sender wrote.
  if (dmarc.length > 1 || dmarc.some(({ result }) => result === "fail")) return undefined;
  if (passes(dmarc, (properties) => properties.get("header.from"), domain)) return { verifiedBy: "dmarc" };
  const dkim = results.filter(({ method }) => method === "dkim");
  if (passes(dkim, (properties) => properties.get("header.d") ?? properties.get("header.i"), domain)) {
    return { verifiedBy: "dkim" };
  }
  const spf = results.filter(({ method }) => method === "spf");
  return passes(spf, (properties) => properties.get("smtp.mailfrom"), domain) ? { verifiedBy: "spf" } : undefined;
}

/** Whose word each `Authentication-Results` is, topmost first: what a reader of the set-up compares `authserv_id` with. */
export function authservIds(headers: MailHeaders): readonly string[] {
  const ids = headers.raw("authentication-results").map((raw) => parseAuthenticationResults(raw)?.authservId);
  return [...new Set(ids.filter((id) => id !== undefined))];
}

function resultsOf(headers: MailHeaders, authservId: string): readonly AuthenticationResult[] {
  for (const raw of headers.raw("authentication-results")) {
    const parsed = parseAuthenticationResults(raw);
    // One that cannot be read may be the own one, and what lies below it may be forged.
    if (parsed === undefined) return [];
    if (parsed.authservId === authservId) return parsed.results;
  }
  return [];
}

type Property = (properties: ReadonlyMap<string, string>) => string | undefined;

function passes(results: readonly AuthenticationResult[], identity: Property, domain: string): boolean {
  return results.some(({ result, properties }) => {
    const checked = identity(properties) ?? "";
    return result === "pass" && isAligned(canonicalDomain(checked.slice(checked.lastIndexOf("@") + 1)), domain);
  });
}

/** A domain speaks for those below it. One below does not speak for it: beneath public suffixes anyone has a domain. */
function isAligned(checked: string | undefined, domain: string): boolean {
  return checked !== undefined && (checked === domain || (checked.includes(".") && domain.endsWith(`.${checked}`)));
}

const maxFromLength = 2000;

/** The domain of the one address in the one `From`. Undefined when the header could show a reader another address. */
function domainOfSender(headers: MailHeaders): string | undefined {
  const [raw, ...others] = headers.raw("from");
  if (raw === undefined || others.length > 0 || raw.length > maxFromLength) return undefined;
  const [sender, ...more] = parseAddresses(raw);
  if (sender === undefined || more.length > 0 || countBrackets(raw) > 1) return undefined;
  const { name, address } = sender;
  const shown = `${name} ${decodeWords(raw)}`;
  const at = address.lastIndexOf("@");
  const isOneAddress = at > 0 && address.indexOf("@") === at && /^[^\s\p{Cf}\p{Cc}"(),:;<>[\]\\]+$/u.test(address);
  return isOneAddress && !isMisleading(name, shown, address) ? canonicalDomain(address.slice(at + 1)) : undefined;
}

/** Whether a name or a comment shows another address, or a name holds characters that turn the direction of what is beside them. */
function isMisleading(name: string, shown: string, address: string): boolean {
  if (/[\u202A-\u202E\u2066-\u2069\p{Cc}<>]/u.test(name)) return true;
  const words = shown
    .normalize("NFKC")
    .toLowerCase()
    .split(/[\s"'()<>,:;]+/);
  const own = address.normalize("NFKC").toLowerCase();
  return words.some((word) => word.includes("@", 1) && !word.endsWith("@") && word !== own);
}

function countBrackets(raw: string): number {
  let count = 0;
  let isQuoted = false;
  for (let at = 0; at < raw.length; at += 1) {
    const character = raw.charAt(at);
    if (isQuoted && character === "\\") at += 1;
    else if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && character === "<") count += 1;
  }
  return count;
}

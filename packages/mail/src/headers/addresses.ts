import { domainToASCII } from "node:url";
import { oneLine } from "@statewave-connectors/connector-sdk/text";
import { addressParser } from "postal-mime";
import { detachedText } from "../charset/detached-text.ts";
import type { MailAddress } from "../mail.ts";
import { recodeWords } from "./decode-words.ts";
import type { MailHeaders } from "./mail-headers.ts";

/** Longer lists are read as far as this. */
const maxAddresses = 1000;
const maxListLength = 64 * 1024;

/** The addresses of all headers of a name, members of groups included. */
export function addressesOf(headers: MailHeaders, name: string): readonly MailAddress[] {
  const [only, ...others] = headers.raw(name);
  if (only === undefined) return [];
  const addresses = others.length === 0 ? parseAddresses(only) : [only, ...others].flatMap((raw) => parseAddresses(raw));
  return addresses.length > maxAddresses ? addresses.slice(0, maxAddresses) : addresses;
}

/** A name without marks and an address in brackets, or an address alone. */
const plainForm = /^(?:([\w .'-]*)<([\w.+-]+@[\w.-]+)>|([\w.+-]+@[\w.-]+))$/;
/** Longer lists are left to the parser. */
const maxPlainLength = 4096;

/** The addresses of one header as it stands. */
export function parseAddresses(raw: string): readonly MailAddress[] {
  const plain = raw.length <= maxPlainLength ? plainAddresses(raw) : undefined;
  if (plain !== undefined) return plain;
  const list = recodeWords(withoutComments(raw.length > maxListLength ? beginningOf(raw) : raw));
  return addressParser(list.replaceAll(commentOnGroup, ";"), { flatten: true })
    .flatMap(({ name, address }) => splitUnended({ name: oneLine(name), address: oneLine(address ?? "") }))
    .map(({ name, address }) => withoutMarks({ name, address: withoutRoute(joined(address)) }))
    .map((each) => (each.address === "" && addressForm.test(each.name) ? { name: "", address: each.name } : each))
    .filter(({ name, address }) => name !== "" || address !== "");
}

/** A comment that is all there is behind a group is no recipient. */
const commentOnGroup = /;\s{0,10}\([^()]{0,200}\)(?=\s{0,10}(?:[,;]|$))/g;
/** An address whose bracket is never closed runs into the next one. */
const unendedForm = /^([\w.+-]+@[\w.-]+), (.+)$/;
const mostUnended = 100;

function splitUnended(first: MailAddress): readonly MailAddress[] {
  const split: MailAddress[] = [];
  let each: MailAddress | undefined = first;
  while (each !== undefined && split.length < mostUnended) {
    const [, address = each.address, rest = ""]: readonly string[] = unendedForm.exec(each.address) ?? [];
    split.push({ name: each.name, address });
    const sign = rest.indexOf("@");
    const begins = rest.lastIndexOf(" ", sign) + 1;
    each = sign === -1 ? undefined : { name: rest.slice(0, begins).trim(), address: rest.slice(begins) };
  }
  return split;
}

/** Brackets that are doubled or left over belong to neither name nor address, and neither does the scheme of a link. */
function withoutMarks({ name, address }: MailAddress): MailAddress {
  const plain = address.replace(/^<?(?:mailto:)?/i, "").replace(/>$/, "");
  const isSaid = name.toLowerCase() === plain.toLowerCase() || /^[<>]*$/.test(name);
  return { name: isSaid ? "" : name, address: plain };
}

/** The addresses of a list in which each has the plain form, as in nearly every header; undefined for any other. */
function plainAddresses(raw: string): readonly MailAddress[] | undefined {
  const addresses: MailAddress[] = [];
  for (const item of raw.includes(",") ? raw.split(",") : [raw]) {
    const [, name = "", bracketed, bare = ""] = plainForm.exec(item.trim()) ?? [];
    if (bracketed === undefined && bare === "") return undefined;
    addresses.push({ name: oneLine(name), address: bracketed ?? bare });
  }
  return addresses;
}

/** The beginning of a list, without the address that it is cut in. */
function beginningOf(raw: string): string {
  const beginning = raw.slice(0, maxListLength);
  return beginning.slice(0, beginning.lastIndexOf(",") + 1);
}

/** The parser knows one level of comments, and none within the brackets of an address. */
function withoutComments(raw: string): string {
  if (!raw.includes("(")) return raw;
  const parts: string[] = [];
  let depth = 0;
  let isQuoted = false;
  let isInBrackets = false;
  for (let at = 0; at < raw.length; at += 1) {
    const escaped = raw.charAt(at) === "\\" && (isQuoted || depth > 0) && at + 1 < raw.length;
    const text = escaped ? raw.slice(at, at + 2) : raw.charAt(at);
    const isPlain = !isQuoted && depth === 0;
    if (!isQuoted && text === "(") depth += 1;
    const isKept = depth <= (isInBrackets ? 0 : 1);
    // The parser knows no escapes in comments, either.
    if (isKept) parts.push(escaped && depth > 0 ? text.slice(1).replace(/[()\\"]/, "") : text);
    if (!isQuoted && text === ")" && depth > 0) depth -= 1;
    if (depth === 0 && text === '"') isQuoted = !isQuoted;
    if (isPlain && (text === "<" || text === ">")) isInBrackets = text === "<";
    if (escaped) at += 1;
  }
  return parts.join("");
}

/** What programs encode as if it were a name. */
const addressForm = /^[\w.+-]+@[\w.-]+$/;

/** White space may stand on both sides of the sign and of dots (RFC 5322, 4.4). */
function joined(address: string): string {
  return address.replaceAll(/ ?([@.]) ?/g, "$1");
}

/** An address may name the servers on its way: `<@relay.example:ann@example.com>`. */
function withoutRoute(address: string): string {
  return address.startsWith("@") ? address.slice(address.lastIndexOf(":") + 1) : address;
}

/**
 * The one spelling of an address: lower case, its domain as it stands in DNS, without a tag behind `+`. Undefined for what is no address.
 *
 * @example canonicalAddress("Ann+Lists@Bücher.example") // "ann@xn--bcher-kva.example"
 */
export function canonicalAddress(address: string): string | undefined {
  const before = known.get(address);
  if (before !== undefined || known.has(address)) return before;
  // A mailbox writes to the same people again and again.
  if (known.size >= mostKnown) known.clear();
  const canonical = toCanonical(address);
  if (address.length <= maxAddressLength)
    known.set(detachedText(address), canonical === undefined ? undefined : detachedText(canonical));
  return canonical;
}

const mostKnown = 1000;
const maxAddressLength = 320;
const known = new Map<string, string | undefined>();

function toCanonical(address: string): string | undefined {
  const text = address.trim();
  const at = text.lastIndexOf("@");
  if (at < 1 || text.length > maxAddressLength || /[\s<>,;\p{Cc}]/u.test(text)) return undefined;
  const domain = canonicalDomain(text.slice(at + 1));
  if (domain === undefined) return undefined;
  const local = text.slice(0, at).toLowerCase();
  const tag = local.indexOf("+");
  const plain = tag > 0 ? local.slice(0, tag) : local;
  // Google delivers to one mailbox however many dots the address has.
  if (domain === "gmail.com" || domain === "googlemail.com") return `${plain.replaceAll(".", "")}@gmail.com`;
  return `${plain}@${domain}`;
}

const nameForm = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;
/** What ASCII has besides letters, digits, dots, hyphens and underscores. Node reads a URL and returns its host: of `a.example/b.example` the first. */
const foreignSigns = /[\0-,/:-@[-^`{-\x7F]/;

/** The one spelling of a domain: lower case, as it stands in DNS, without a dot at its end. Undefined for what is none. */
export function canonicalDomain(domain: string): string | undefined {
  const text = domain.trim().replace(/\.$/, "");
  if (text === "" || text.length > 253) return undefined;
  // Address literals are no names.
  if (text.startsWith("[")) return /^\[[a-z0-9:.]+\]$/i.test(text) ? text.toLowerCase() : undefined;
  if (foreignSigns.test(text)) return undefined;
  const lower = text.toLowerCase();
  // Most domains are written as they stand in DNS. One that ends with a number may be an address.
  const isPlain = nameForm.test(lower) && !lower.includes("xn--") && !/^\d/.test(lower.slice(lower.lastIndexOf(".") + 1));
  const ascii = isPlain ? lower : domainToASCII(text);
  return nameForm.test(ascii) ? ascii : undefined;
}

/** An address for readers, such as `Ann Lee <ann@example.com>`. */
export function formatAddress({ name, address }: MailAddress): string {
  if (name === "" || name === address) return address;
  return address === "" ? name : `${name} <${address}>`;
}

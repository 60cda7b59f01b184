import { BlockList, isIP } from "node:net";

/** One entry of `NO_PROXY`. */
interface Exception {
  /** Undefined: every port. */
  readonly port: number | undefined;
  readonly matches: (host: string) => boolean;
}

/**
 * Reads `NO_PROXY`: hosts separated by commas or spaces, each with an optional port. `example.com` and `.example.com` stand for the host
 * and all below it, `*.example.com` for those below it, `*` for every host; addresses and networks (`10.0.0.0/8`) match addresses only.
 */
export function parseNoProxy(text: string): (url: URL) => boolean {
  const exceptions = text
    .split(/[,\s]/)
    .filter((entry) => entry !== "")
    .map(toException);
  return (url) => {
    const host = bareHost(url.hostname);
    const port = url.port === "" ? defaultPort(url.protocol) : Number(url.port);
    return exceptions.some((exception) => (exception.port ?? port) === port && exception.matches(host));
  };
}

function defaultPort(protocol: string): number {
  return protocol === "https:" ? 443 : 80;
}

/** In lower case, without the brackets of an IPv6 address and without the dot that ends a full name. */
function bareHost(text: string): string {
  const host = text.toLowerCase();
  if (host.startsWith("[") && host.endsWith("]")) return host.slice(1, -1);
  return host.length > 1 && host.endsWith(".") ? host.slice(0, -1) : host;
}

function toException(entry: string): Exception {
  const { host, port } = splitPort(entry);
  return { port, matches: matcherOf(bareHost(host)) };
}

/** A bare IPv6 address has several colons and no port. */
function splitPort(entry: string): { readonly host: string; readonly port: number | undefined } {
  const colonAt = entry.lastIndexOf(":");
  const host = entry.slice(0, colonAt);
  const port = entry.slice(colonAt + 1);
  const isPort = colonAt > 0 && /^\d{1,5}$/.test(port) && (!host.includes(":") || host.endsWith("]"));
  return isPort ? { host, port: Number(port) } : { host: entry, port: undefined };
}

function matcherOf(entry: string): (host: string) => boolean {
  if (entry === "*") return () => true;
  if (entry.includes("/") || isIP(entry) !== 0) return addressMatcher(entry);
  const below = entry.replace(/^\*?\./, "");
  const isBelow = (host: string) => isIP(host) === 0 && host.endsWith(`.${below}`);
  return entry.startsWith("*.") ? isBelow : (host) => host === below || isBelow(host);
}

/** An entry that is no network matches nothing. */
function addressMatcher(entry: string): (host: string) => boolean {
  const [address = "", length] = entry.split("/");
  const list = new BlockList();
  try {
    if (length === undefined) list.addAddress(address, familyOf(address));
    else list.addSubnet(address, length === "" ? Number.NaN : Number(length), familyOf(address));
  } catch {
    return () => false;
  }
  return (host) => isIP(host) !== 0 && list.check(host, familyOf(host));
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

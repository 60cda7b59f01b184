import { isIP } from "node:net";
import { isLoopbackHost } from "@statewave-connectors/config/result";

/** The hosts that a request may name. */
export interface AdmittedHosts {
  /** As configured: a name or an address. */
  readonly host: string;
  /** `[runner.admin] allowed_hosts`. */
  readonly allowedHosts: readonly string[];
}

/**
 * Whether a Host header names this server. A page of a foreign site can make its own name resolve to this machine (DNS rebinding) and
 * read what is served here, but its requests carry that name.
 */
export function isAdmittedHost(header: string | undefined, { host, allowedHosts }: AdmittedHosts): boolean {
  const name = nameOf(header ?? "");
  if (name === undefined) return false;
  const bound = host.toLowerCase();
  // No site owns an address: behind a port mapping, it is another one than the socket's.
  if (isIP(name) !== 0 && wildcards.has(bound)) return true;
  return isLoopbackHost(name) || name === bound || allowedHosts.some((allowed) => allowed.toLowerCase() === name);
}

const wildcards = new Set(["0.0.0.0", "::"]);

/** The host of a Host header, in lower case, without port, brackets and the dot of an absolute name. */
function nameOf(header: string): string | undefined {
  const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(header) ?? [];
  const name = (bracketed ?? plain)?.toLowerCase();
  return name?.endsWith(".") === true ? name.slice(0, -1) : name;
}

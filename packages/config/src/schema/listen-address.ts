import { isIPv4, isIPv6 } from "node:net";

/** Where a server listens. An IPv6 address is written without brackets. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const hostName = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i;

/** Reads `"127.0.0.1:9464"`, `"[::1]:9464"`, `"host:9464"`, or `"9464"`, which means loopback; undefined for anything else. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const colonAt = text.lastIndexOf(":");
  const port = toPort(text.slice(colonAt + 1));
  if (port === undefined) return undefined;
  if (colonAt === -1) return { host: "127.0.0.1", port };
  const written = text.slice(0, colonAt);
  const bracketed = /^\[([^[\]]+)\]$/.exec(written)?.[1];
  if (bracketed !== undefined) return isIPv6(bracketed) ? { host: bracketed, port } : undefined;
  return isHost(written) ? { host: written, port } : undefined;
}

function toPort(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;
}

function isHost(text: string): boolean {
  // Digits and dots alone are meant as an address: "127.1" or "300.0.0.1" would be resolved to something unexpected.
  return isIPv4(text) || (hostName.test(text) && !/^[\d.]+$/.test(text));
}

/** Whether a text is an address, an IPv6 one without brackets, or a host name: nothing with a port or a scheme. */
export function isListenHost(text: string): boolean {
  return isIPv6(text) || isHost(text);
}

/** Whether only this machine can reach the address. A name other than `localhost` may resolve to anything. */
export function isLoopbackHost(host: string): boolean {
  const address = host.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");
  if (isIPv4(address)) return address.startsWith("127.");
  return address === "::1" || address === "0:0:0:0:0:0:0:1" || address === "localhost";
}

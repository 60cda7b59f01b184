import type { ReceiverResponse } from "@statewave-connectors/connector-sdk";
import type { BodyLimits, BodyReading } from "./body-reading.ts";

/** An answer whose body is bytes, such as a compressed one. */
export interface BytesResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A request and the way to answer it, whichever server took it: node:http, or the embedder's through `fetch`. */
export interface Exchange {
  readonly method: string;
  /** Path and query: the request target, without scheme and host if it came with them. */
  readonly target: string;
  /** Lower-case names. Of `set-cookie` alone node:http keeps repeats as a list. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Each host that it names: the Host header, repeats of which are joined by commas, and that of a target in absolute form. */
  readonly hosts: readonly string[];
  /** The address of the sender, which may be a proxy's; empty where it is not known. */
  readonly peer: string;
  /** Reads the body whole, within its limits. Called at most once. */
  readBody(limits: BodyLimits): Promise<BodyReading>;
  /** Reads what is left of a body that was too large, and keeps nothing of it. */
  discardBody(limits: Pick<BodyLimits, "timeoutMs" | "clock">): Promise<void>;
  /** Answers; returns the status that was sent, which differs where HTTP does not have the one given. */
  send(response: ReceiverResponse | BytesResponse): number;
}

/** Answers every request to one path, whatever its method. What it throws is answered 500 and logged. */
export type Route = (exchange: Exchange) => void | Promise<void>;

/** RFC 9112 §3.2.2: a server must accept the absolute form, `GET http://host/path`, which is otherwise meant for proxies. */
const absoluteForm = /^https?:\/\/([^/?#]*)/i;

/** The host and port of a request target in absolute form. */
export function authorityOf(url: string): string | undefined {
  return absoluteForm.exec(url)?.[1];
}

/** Path and query of a request target as it came over the wire. Not decoded and never parsed as a URL: no target can make it throw. */
export function toOriginForm(url: string): string {
  if (url.startsWith("/")) return url;
  const origin = absoluteForm.exec(url);
  if (origin === null) return url;
  const rest = url.slice(origin[0].length);
  return rest.startsWith("/") ? rest : `/${rest}`;
}

/** The part of a target that routes are matched against. */
export function pathOf(target: string): string {
  const queryAt = target.indexOf("?");
  return queryAt === -1 ? target : target.slice(0, queryAt);
}

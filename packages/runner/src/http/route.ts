import type { IncomingMessage, ServerResponse } from "node:http";

/** A request and the answer to it. */
export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** Path and query: the request target, without scheme and host if it came with them. */
  readonly target: string;
}

/** Answers every request to one path, whatever its method. What it throws is answered 500 and logged. */
export type Route = (exchange: Exchange) => void | Promise<void>;

/** RFC 9112 §3.2.2: a server must accept the absolute form, `GET http://host/path`, which is otherwise meant for proxies. */
const absoluteForm = /^https?:\/\/[^/?#]*/i;

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

/**
 * A prefix of request paths, such as `/connectors`, that a proxy or the embedder's server leaves in front of the runner's own paths.
 * Percent-encoding makes no difference.
 */
export class BasePath {
  /** Normalized, without a slash at its end; empty when there is no prefix. */
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = normalizePath(prefix).replace(/\/$/, "");
  }

  /** The part of the path below the prefix, beginning with `/`; undefined for a path that is not below it, and without a prefix. */
  below(path: string): string | undefined {
    if (this.#prefix === "") return undefined;
    const start = `${this.#prefix}/`;
    const comparable = path.startsWith(start) ? path : normalizePath(path);
    return comparable.startsWith(start) ? comparable.slice(this.#prefix.length) : undefined;
  }
}

/** RFC 3986 §2.3: the characters whose percent-encoded form means the same. */
const unreserved = /^[A-Za-z0-9._~-]$/;
/** What a path may hold unencoded (§3.3), and encoded octets. */
const encodedOrForbidden = /%[0-9A-Fa-f]{2}|[^A-Za-z0-9._~!$&'()*+,;=:@/-]/gu;

/** A path in the one spelling of all that are equivalent by RFC 3986 §6.2.2: what needs it is percent-encoded, nothing else is. Never throws. */
export function normalizePath(path: string): string {
  return path.toWellFormed().replaceAll(encodedOrForbidden, (found) => {
    if (found.length !== 3 || !found.startsWith("%")) return encodeURIComponent(found);
    const character = String.fromCharCode(Number.parseInt(found.slice(1), 16));
    return unreserved.test(character) ? character : found.toUpperCase();
  });
}

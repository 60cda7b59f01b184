/** Where a target leads: to a URL of the provider's own, or to one that is not requested. */
export type Resolved =
  | { readonly ok: true; readonly url: URL }
  /** To another origin, which must not get the credentials. */
  | { readonly ok: false; readonly why: "elsewhere"; readonly url: URL }
  /** To no http URL, to one with user information, or out of the base URL's path. */
  | { readonly ok: false; readonly why: "malformed" };

/** The names under which the provider may refer to itself. */
export interface OwnHosts {
  readonly baseUrl: URL;
  /** Other names of the same server, as `host` or `host:port`. */
  readonly allowedHosts: ReadonlySet<string>;
}

const defaultPorts: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };
const malformed: Resolved = { ok: false, why: "malformed" };

/** A path below the base URL, with or without a slash at its beginning, or a link that the provider gave. */
export function resolveTarget(target: string, hosts: OwnHosts): Resolved {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(target) || target.startsWith("//")) return resolveLink(target, hosts.baseUrl, hosts);
  const { origin, pathname } = hosts.baseUrl;
  const base = `${origin}${pathname.endsWith("/") ? pathname : `${pathname}/`}`;
  const relative = target.startsWith("/") ? target.slice(1) : target;
  const url = URL.parse(base + relative);
  return url !== null && !hasDotSegment(relative) ? { ok: true, url } : malformed;
}

/** A name like `..` in a path would lead to another resource. */
function hasDotSegment(relative: string): boolean {
  const segments = (relative.split(/[?#]/, 1)[0] ?? "").split(/[/\\]/);
  return segments.some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment));
}

/**
 * A path in which each value is one segment, whatever it holds.
 *
 * @example path`repos/${owner}/${name}/issues`
 */
export function path(parts: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  return parts
    .map((part, at) => part + (at < values.length ? encodeURIComponent(String(values[at]).toWellFormed()) : ""))
    .join("");
}

/**
 * A link or `Location` as the provider wrote it, seen from the URL that was requested. A link to another name of the provider's is followed
 * at the base URL's origin, so that credentials go nowhere else.
 */
export function resolveLink(link: string, from: URL, { baseUrl, allowedHosts }: OwnHosts): Resolved {
  const url = URL.parse(link, from.href);
  if (url === null || !/^https?:$/.test(url.protocol)) return malformed;
  // `fetch` refuses a URL with user information, and quotes it.
  if (url.username !== "" || url.password !== "") return malformed;
  if (url.origin === baseUrl.origin) return { ok: true, url };
  const port = url.port === "" ? defaultPorts[url.protocol] : url.port;
  if (!allowedHosts.has(url.hostname) && !allowedHosts.has(`${url.hostname}:${port}`))
    return { ok: false, why: "elsewhere", url };
  return { ok: true, url: new URL(`${baseUrl.origin}${url.pathname}${url.search}`) };
}

/** A value of a query or form. Undefined ones are left out; a list is sent as the same name several times. */
export type Parameters = Readonly<Record<string, string | number | boolean | undefined | readonly (string | number | boolean)[]>>;

/** Adds parameters to those that the URL has; one of the same name is replaced. */
export function withQuery(url: URL, query: Parameters): URL {
  const changed = new URL(url);
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    changed.searchParams.delete(name);
    for (const each of Array.isArray(value) ? value : [value]) changed.searchParams.append(name, String(each));
  }
  return changed;
}

import * as v from "valibot";
import { rememberSecret } from "../secrets/known-secrets.ts";
import { findUserInfo } from "./user-info.ts";
import { isSecret, revealed, Secret } from "../secrets/secret.ts";

/** Which URLs an option takes, and how much of them is printed. */
export interface SecretUrlOptions {
  /** What the URL begins with, e.g. `["https:"]`. */
  readonly protocols: readonly string[];
  /** What is expected, with an example. It must not quote the value. */
  readonly message: string;
  /** What is printed: nothing of it (`***`), its origin (for a URL whose path or query is the secret), or all but user info and query. */
  readonly shown?: "nothing" | "origin" | "path";
  /** What the path has to be, where it has a meaning of its own, and the message otherwise. */
  readonly path?: { readonly isExpected: (path: string) => boolean; readonly message: string };
  /** A form of other clients that is refused in a sentence of its own. */
  readonly unsupported?: { readonly isFound: (text: string) => boolean; readonly message: string };
  /** Takes an empty text, too. */
  readonly mayBeEmpty?: boolean;
}

const controlMessage = "holds a line break or another control character, which programs leave out of URLs or refuse";
const escapeMessage = "the user name or password in the URL holds a % that escapes nothing: write it as %25";

/** A URL that may hold a credential: user name and password, or a path or query that only its owner knows. */
export function secretUrl(options: SecretUrlOptions) {
  const isUnsupported = (made: Secret) => options.unsupported?.isFound(made.reveal()) === true;
  return v.pipe(
    v.custom<string | Secret>((given) => typeof given === "string" || isSecret(given), "expected some text"),
    v.transform((given) => toSecretUrl(given, options)),
    v.check((made) => !/\p{Cc}/u.test(made.reveal()), controlMessage),
    v.check((made) => !isUnsupported(made), options.unsupported?.message ?? options.message),
    v.check((made) => isUnsupported(made) || isExpected(made.reveal(), options), options.message),
    v.check((made) => hasReadableUserInfo(made.reveal()), escapeMessage),
    v.check(
      (made) => options.path === undefined || options.path.isExpected(URL.parse(made.reveal())?.pathname ?? ""),
      options.path?.message ?? options.message,
    ),
    v.metadata({ secret: true, type: "URL" }),
  );
}

function isExpected(text: string, { protocols, mayBeEmpty = false }: SecretUrlOptions): boolean {
  if (text === "") return mayBeEmpty;
  const protocol = URL.parse(text)?.protocol ?? "";
  // Without slashes the URL has no host, and drivers read it differently.
  return protocols.includes(protocol) && text.slice(protocol.length).startsWith("//");
}

/** Whether user name and password of a URL can be decoded: `100%` cannot. */
export function hasReadableUserInfo(text: string): boolean {
  const url = URL.parse(text);
  if (url === null) return true;
  try {
    decodeURIComponent(url.username);
    decodeURIComponent(url.password);
    return true;
  } catch {
    return false;
  }
}

function toSecretUrl(given: string | Secret, { shown = "nothing" }: SecretUrlOptions): Secret {
  const text = revealed(given).trim();
  for (const part of secretPartsOf(text, shown)) rememberSecret(part);
  return new Secret(text, { shownAs: shownUrl(text, shown) });
}

/** The parts that a driver or an error may quote alone. */
function secretPartsOf(text: string, shown: SecretUrlOptions["shown"]): readonly string[] {
  const url = URL.parse(text);
  const hidden = url === null || shown === "nothing" ? [] : [url.search.slice(1)];
  return [...passwordsOf(text), ...hidden, ...(url !== null && shown === "origin" ? [url.pathname.slice(1)] : [])];
}

function shownUrl(text: string, shown: SecretUrlOptions["shown"]): string {
  const url = URL.parse(text);
  if (url === null || url.host === "" || shown === "nothing") return "***";
  return `${url.protocol}//${url.host}${shown === "path" ? url.pathname : "/***"}`;
}

/**
 * Passwords of the URLs in a text, as written and decoded. One that is also the user name or a name behind the host is left out: it is shown
 * anyway, and masking it would blot out that word everywhere.
 */
export function passwordsOf(text: string): readonly string[] {
  return findUserInfo(text).flatMap(({ start, end }) => {
    const [user = "", ...rest] = text.slice(start, end).split(":");
    const password = rest.join(":");
    const [behind = ""] = text.slice(end + 1).split(/\s/, 1);
    const names = [user, ...behind.split(/[/?#:]/)];
    return names.includes(password) ? [] : [password, decoded(password)];
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

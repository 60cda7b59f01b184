import { hasReadableUserInfo, optionalHeaderSecret, optionalHeaderText } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";
import { compileTable } from "./compile-table.ts";
import { about, hasNoControl, noControlMessage, wholeNumber } from "./pieces.ts";

const sinkUrlMessage = 'expected http(s)://host, file:path or "stdout:"';
function isSinkUrl(url: string): boolean {
  if (url === "stdout:") return true;
  if (url.startsWith("file:")) return /^file:(\/{3}[^/]|\/?[^/])/.test(url);
  return /^https?:\/\//i.test(url) && URL.canParse(url);
}
const isServerUrl = (url: string) => /^https?:/i.test(url);

/** What a request carries anyway, or what decides how it is sent: a tenant in its place would break every request. */
const ownHeaders = new Set(
  [
    "accept accept-encoding authorization content-type user-agent x-api-key x-request-id",
    "connection content-encoding content-length cookie date expect host keep-alive proxy-authorization proxy-connection",
    "te trailer transfer-encoding upgrade",
  ].flatMap((names) => names.split(" ")),
);

const keys = v.object({
  url: v.pipe(
    v.string(),
    v.check(hasNoControl, noControlMessage),
    v.check(
      (url) => !isServerUrl(url) || !/^[^#]*\?/.test(url),
      'must not hold "?": leave out the query, or write it as %3F in a password',
    ),
    v.check(
      (url) => !isServerUrl(url) || !url.includes("#"),
      'must not hold "#": leave out the fragment, or write it as %23 in a password',
    ),
    v.check(isSinkUrl, sinkUrlMessage),
    v.check(
      (url) => !isServerUrl(url) || hasReadableUserInfo(url),
      "the user name or password in the URL holds a % that escapes nothing: write it as %25",
    ),
    v.metadata({ secret: "url" }),
    about("Where episodes go: a Statewave server, a file (`file:./episodes.jsonl`) or `stdout:`."),
  ),
  api_key: v.pipe(optionalHeaderSecret(), about("Sent as `X-API-Key`. Empty: none.")),
  tenant_id: v.pipe(optionalHeaderText(), about("Sent in `tenant_header`. Empty: none.")),
  tenant_header: v.pipe(
    v.optional(
      v.pipe(
        v.string(),
        v.regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, "expected the name of an HTTP header"),
        v.check((name) => !ownHeaders.has(name.toLowerCase()), "is a header with a meaning of its own: name another one"),
      ),
      "X-Tenant-ID",
    ),
    about("The header that carries the tenant."),
  ),
  max_in_flight: v.pipe(v.optional(wholeNumber(1, 64), 2), about("Requests under way at the same time.", "integer")),
  linger_ms: v.pipe(v.optional(wholeNumber(0, 60_000), 5), about("How long a batch waits to be filled.", "integer")),
  compile: v.optional(compileTable, {}),
});

/** `[statewave]`. */
export const statewaveTable = v.pipe(
  keys,
  v.forward(
    v.partialCheck(
      [["url"], ["compile", "mode"]],
      ({ url, compile }) => compile.mode === "off" || isServerUrl(url),
      'must be "off": `[statewave] url` names no Statewave server, and only that compiles',
    ),
    ["compile", "mode"],
  ),
);

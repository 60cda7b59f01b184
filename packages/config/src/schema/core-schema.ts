import {
  duration,
  hasReadableUserInfo,
  headerSecret,
  optionalHeaderSecret,
  optionalHeaderText,
  optionalSecret,
  secret,
  secretUrl,
  size,
} from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";
import { defaultKind } from "../adapters/bundled-adapters.ts";
import { isLoopbackHost, parseListenAddress } from "./listen-address.ts";
import { isTimezone } from "../schedule/schedule.ts";

/*
 * The tables of the file that belong to the runner itself, in the file's own words. The reference page is generated from these schemas.
 */

/** A description and, where it is not plain from the schema, how the type is called on the reference page. */
const about = <Input>(description: string, type?: string): v.MetadataAction<Input, Readonly<Record<string, unknown>>> =>
  v.metadata(type === undefined ? { description } : { description, type });

const hasNoControl = (value: string) => !/\p{Cc}/u.test(value);
const noControlMessage = "expected text without control characters";
const text = () => v.pipe(v.string(), v.minLength(1, "expected some text"), v.check(hasNoControl, noControlMessage));
const wholeNumber = (smallest: number, largest: number) =>
  v.pipe(
    v.number(),
    v.check(
      (value) => Number.isInteger(value) && value >= smallest && value <= largest,
      `expected a whole number from ${smallest} to ${largest}`,
    ),
  );

/** The kind of a package becomes part of its name; that of a source stands in addresses and metrics, too. */
export const kindPattern = /^[a-z0-9][a-z0-9_-]*$/;
export const adapterKindPattern = /^[a-z0-9][a-z0-9-]*$/;
const adapterKind = () => v.pipe(v.string(), v.regex(adapterKindPattern, "expected a-z, 0-9 and -"));

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

export const statewaveTable = v.object({
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
});

/** The names of redaction rules; whether there are rules of these names is checked apart. */
const ruleNames = () => v.array(v.string());

/** A `[[privacy.rule]]`. */
export const privacyRuleTable = v.object({
  name: v.pipe(
    v.string(),
    v.regex(kindPattern, "expected a-z, 0-9, - and _, beginning with a letter or digit"),
    v.maxLength(64),
    about("Stands in the replacement: `[redacted: <name>]`."),
  ),
  pattern: v.pipe(
    v.string(),
    v.minLength(1, "expected a pattern"),
    v.maxLength(4096),
    about("What is replaced, in the [syntax of RE2](https://github.com/google/re2/wiki/Syntax)."),
  ),
});

export const privacyTable = v.object({
  redact: v.pipe(
    v.optional(ruleNames(), []),
    about(
      'What is replaced in every episode before it leaves the process or is shown: `"secrets"`, `"email"`, `"phone"`, `"card"`. Own rules apply without being listed.',
      "list of rules",
    ),
  ),
  rule: v.optional(v.array(privacyRuleTable), []),
});

export const stateTable = v.looseObject({
  kind: v.pipe(
    v.optional(adapterKind(), defaultKind),
    about(`\`${defaultKind}\`, or another for which a \`cursor-store-<kind>\` and an \`inbox-<kind>\` are installed.`),
  ),
});

export const inboxTable = v.looseObject({
  kind: v.pipe(
    v.optional(adapterKind()),
    about("As `[runner.state]` when absent; its other options, but for `path`, are then the state's, too."),
  ),
  dedup_window: v.pipe(
    v.optional(duration(), "24h"),
    about("How long the id of a webhook is remembered, so that it is taken once.", "duration"),
  ),
  max_depth: v.pipe(
    v.optional(wholeNumber(1, Number.MAX_SAFE_INTEGER), 1_000_000),
    about("Events in the inbox above which receivers answer 503.", "integer"),
  ),
});

const metricsAuth = v.variant("kind", [
  v.object({ kind: v.literal("none") }),
  v.object({ kind: v.literal("bearer"), token: headerSecret() }),
  v.object({
    kind: v.literal("basic"),
    // RFC 7617: the first colon ends the user name.
    username: v.pipe(
      text(),
      v.check((value) => !value.includes(":"), "expected a user name without a colon"),
    ),
    password: secret({ keepSpaces: true }),
  }),
]);

export const metricsTable = v.object({
  path: v.pipe(
    v.optional(
      v.pipe(
        v.string(),
        v.regex(/^\/[A-Za-z0-9_./-]+$/, 'expected a path such as "/metrics"'),
        v.check(
          (path) => !/\/(\.{0,2})(\/|$)/.test(path),
          'expected a path such as "/metrics", without empty parts, "." and ".."',
        ),
        v.check((path) => path !== "/healthz" && path !== "/readyz", "expected a path that no probe uses"),
      ),
      "/metrics",
    ),
    about("Where Prometheus scrapes."),
  ),
  auth: v.pipe(
    v.optional(metricsAuth, { kind: "none" }),
    about(
      '`{ kind = "none" }`, `{ kind = "bearer", token = "…" }` or `{ kind = "basic", username = "…", password = "…" }`.',
      "table",
    ),
  ),
  per_source_histograms: v.pipe(
    v.optional(v.boolean()),
    about(
      "Whether histograms have series for each source, about twelve more for each, or only for each kind. Default: for each source while there are at most 100.",
    ),
  ),
  on_webhook_port: v.pipe(
    v.optional(v.boolean()),
    about(
      "Whether `[runner] port` serves them. Default: only if `[runner.admin] listen` is not set, which serves them otherwise.",
    ),
  ),
});

const adminListenMessage = 'expected an address such as "127.0.0.1:9464", "[::1]:9464" or "admin.internal:9464"';

export const adminTable = v.pipe(
  v.object({
    listen: v.pipe(
      v.optional(
        v.pipe(
          v.string(),
          v.check((address) => address === "" || parseListenAddress(address) !== undefined, adminListenMessage),
        ),
      ),
      about('The address for operators, `"127.0.0.1:9464"` for example; a port alone means loopback. Default: none.'),
    ),
    token: v.pipe(
      optionalSecret(),
      v.check(
        (token) => token === undefined || /^[\u0021-\u007e]*$/.test(token.reveal()),
        "expected visible ASCII characters without spaces",
      ),
      about("Sent by clients as `Authorization: Bearer <token>`. Required unless `listen` is a loopback address."),
    ),
    allowed_hosts: v.pipe(
      v.optional(v.array(v.pipe(v.string(), v.regex(/^[A-Za-z0-9._-]+$/, "expected a host name without a port"))), []),
      about("Further names by which requests may address it, such as that of a Kubernetes service.", "list of names"),
    ),
  }),
  v.forward(
    v.partialCheck(
      [["listen"], ["token"]],
      ({ listen = "", token }) => {
        const address = parseListenAddress(listen);
        return address === undefined || isLoopbackHost(address.host) || token !== undefined;
      },
      "required because `listen` is not a loopback address: everyone who reaches it would see the details",
    ),
    ["token"],
  ),
);

export const httpTable = v.object({
  proxy: v.pipe(
    v.optional(
      secretUrl({
        protocols: ["http:", "https:"],
        message: "expected http://host:port, or https://, where special characters of a password are escaped with %",
        shown: "origin",
        mayBeEmpty: true,
      }),
    ),
    about(
      'The proxy for requests to sources and to Statewave: `"http://user:password@proxy.example:3128"`. Default: as the variables `HTTPS_PROXY` and `HTTP_PROXY` say. Empty: none. `NO_PROXY` applies in every case.',
    ),
  ),
  ca_file: v.pipe(
    v.optional(text()),
    about("A file with certificates (PEM) of further authorities to trust, such as that of a proxy that inspects TLS."),
  ),
});

export const runnerTable = v.object({
  host: v.pipe(v.optional(text(), "0.0.0.0"), about("The address to listen on.")),
  port: v.pipe(v.optional(wholeNumber(0, 65_535), 3000), about("The port to listen on; 0 takes a free one.", "integer")),
  state_dir: v.pipe(v.optional(text(), "./var/connectors-state"), about("The folder for files that must outlive a restart.")),
  log_format: v.pipe(v.optional(v.picklist(["json", "text"]), "json"), about("How log lines are written.")),
  log_level: v.pipe(
    v.optional(v.picklist(["debug", "info", "warn", "error"]), "info"),
    about("The least severe level that is logged; `--log-level` overrides it."),
  ),
  timezone: v.pipe(
    v.optional(v.pipe(v.string(), v.check(isTimezone, 'expected a time zone such as "UTC" or "Europe/Berlin"')), "UTC"),
    about("In which cron schedules are read."),
  ),
  drain_timeout: v.pipe(
    v.optional(duration({ leastMs: 0 }), "25s"),
    about("The whole of a graceful stop takes no longer.", "duration"),
  ),
  sync_timeout: v.pipe(
    v.optional(duration(), "5m"),
    about("A sync that yields no page with anything new for so long is ended.", "duration"),
  ),
  max_concurrent_syncs: v.pipe(v.optional(wholeNumber(1, 1000), 8), about("Syncs at the same time in this process.", "integer")),
  max_body: v.pipe(v.optional(size(), "1MiB"), about("The largest webhook body, unless its connector says otherwise.", "size")),
  base_path: v.pipe(
    v.optional(
      v.pipe(
        v.string(),
        v.check(
          (path) => /^(\/[^/?#\\]+)*\/?$/.test(path) && hasNoControl(path) && !/\/\.{1,2}(\/|$)/.test(path),
          'expected a path such as "/connectors", without a host, "?", "#", empty parts, "." and ".."',
        ),
      ),
      "",
    ),
    about(
      'What a proxy leaves in front of the paths, such as `"/connectors"`. Requests without it are answered, too. Default: none.',
    ),
  ),
  hide_mounts: v.pipe(
    v.optional(v.boolean()),
    about(
      "Do not list the receivers in 404 answers. Default: `false` on a loopback `host` without `[runner.admin]`, else `true`.",
    ),
  ),
  state: v.optional(stateTable, {}),
  inbox: v.optional(inboxTable, {}),
  metrics: v.optional(metricsTable, {}),
  admin: v.optional(adminTable, {}),
  http: v.optional(httpTable, {}),
});

const entryName = () =>
  v.pipe(v.string(), v.regex(kindPattern, "expected a-z, 0-9, - and _, beginning with a letter or digit"), v.maxLength(200));
const subject = () => v.pipe(v.optional(text()), about("Put on every episode instead of the connector's own subject."));
const redact = () =>
  v.pipe(
    v.optional(ruleNames()),
    about(
      "The rules for this entry, instead of those of `[privacy]`; own rules are listed by name. Empty: none.",
      "list of rules",
    ),
  );

export const pullEntryTable = v.object({
  name: v.pipe(entryName(), about("Names the entry, with its kind: unique per kind.")),
  schedule: v.pipe(text(), about('`every <N><s|m|h|d>` or cron with 5 or 6 fields, e.g. `"every 15m"`, `"0 */6 * * *"`.')),
  subject: subject(),
  redact: redact(),
  max_items: v.pipe(
    v.optional(wholeNumber(1, Number.MAX_SAFE_INTEGER)),
    about("A run ends after so many episodes; the next one resumes there.", "integer"),
  ),
  dry_run: v.pipe(v.optional(v.boolean(), false), about("Read up to `max_items` (100), but deliver and store nothing.")),
  catch_up: v.pipe(v.optional(v.picklist(["once", "skip"]), "once"), about("What to do at start about dues that were missed.")),
});

export const pushEntryTable = v.object({
  name: v.pipe(entryName(), about("Names the entry: it is mounted at `/<kind>/<name>/events`.")),
  subject: subject(),
  redact: redact(),
  pull: v.pipe(
    v.optional(entryName()),
    about("Its twin: the `[[pull.<kind>]]` entry that reads what push missed, and what a webhook only says has changed."),
  ),
});

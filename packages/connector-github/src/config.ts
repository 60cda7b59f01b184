import { createPrivateKey } from "node:crypto";
import * as v from "valibot";

/** What can be read of a repository; the words of `include` and `exclude`. */
export const streamNames = ["issues", "pull_requests", "comments", "review_comments", "reviews", "releases"] as const;

export type StreamName = (typeof streamNames)[number];

/** How far back a first sync reads: to a moment, or so many milliseconds. */
export type SinceDefault = { readonly type: "moment"; readonly ms: number } | { readonly type: "age"; readonly ms: number };

// Managed users of GitHub Enterprise Cloud carry an underscore in their login (`mona_acme`).
const repositoryPattern = /^[A-Za-z0-9][A-Za-z0-9_-]*\/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/;
const agePattern = /^(\d{1,6})([smhd])$/;
const datePattern = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;
const unitMs = new Map([
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

/** `owner/name` as people write it. */
export const repositoryName = v.pipe(
  v.string(),
  v.regex(repositoryPattern, 'a repository is "owner/name", e.g. "octocat/hello-world"'),
);

const baseUrl = v.pipe(
  v.string(),
  v.check(
    isPlainHttpUrl,
    'base_url is an http or https URL without user, query or fragment, e.g. "https://github.example.com/api/v3"',
  ),
  v.transform((url) => url.replace(/\/+$/, "")),
);

const streamList = v.array(v.picklist(streamNames));

const sinceDefault = v.union(
  [
    // An unquoted date in TOML arrives as a Date.
    v.pipe(
      v.date(),
      v.transform((date): SinceDefault => ({ type: "moment", ms: date.getTime() })),
    ),
    v.pipe(
      v.string(),
      v.rawTransform(({ dataset, addIssue, NEVER }) => parseSince(dataset.value) ?? (addIssue(), NEVER)),
    ),
  ],
  'since_default is an ISO date ("2024-01-31", "2024-01-31T09:00:00Z") or an age ("90d", "12h")',
);

/** GitHub writes both numbers without signs; TOML may hold them as numbers or strings. An app's client id serves as well. */
const appNumber = v.pipe(
  v.union([v.pipe(v.number(), v.safeInteger()), v.string()]),
  v.transform(String),
  v.regex(/^[A-Za-z0-9.]{1,40}$/, "is a number that GitHub shows in the settings of the app"),
);
const repositoryPatterns = v.array(
  v.pipe(v.string(), v.regex(/^[A-Za-z0-9._*?-]{1,100}$/, 'is a pattern of repository names without the owner, e.g. "api-*"')),
);

/** A `[[pull.github]]` entry, without the fields that every pull source has. */
export const githubPullConfig = v.pipe(
  v.object({
    repo: v.optional(
      v.pipe(repositoryName, v.description("One repository, `owner/name`. After a rename the old name goes on working.")),
    ),
    repos: v.optional(
      v.pipe(
        v.array(repositoryName),
        v.nonEmpty("names no repository"),
        v.description("Several repositories, each `owner/name`."),
      ),
    ),
    org: v.optional(
      v.pipe(
        v.string(),
        v.regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, "org is the name of an organization at GitHub"),
        v.description("An organization: all of its repositories that can be seen, new ones too."),
      ),
    ),
    include_repos: v.optional(
      v.pipe(repositoryPatterns, v.description("With `org`: names of repositories to read, `*` and `?` stand for anything.")),
    ),
    exclude_repos: v.optional(v.pipe(repositoryPatterns, v.description("With `org`: names of repositories not to read."))),
    token: v.optional(
      v.pipe(
        v.string(),
        v.nonEmpty("token is empty"),
        v.metadata({ secret: true }),
        v.description("Sent to the origin of `base_url` and to no other. Without one GitHub allows 60 requests an hour."),
      ),
    ),
    app_id: v.optional(v.pipe(appNumber, v.description("Instead of `token`: the id of a GitHub App."))),
    private_key: v.optional(
      v.pipe(
        v.string(),
        // In an environment variable the line ends are often written as \\n.
        v.transform((pem) => pem.replaceAll(String.raw`\n`, "\n")),
        v.check(isRsaKey, "private_key is not an RSA private key in PEM form, as GitHub gives it for an app"),
        v.metadata({ secret: true }),
        v.description('The app\'s private key, best as `"${file:/run/secrets/app.pem}"`.'),
      ),
    ),
    installation_id: v.optional(
      v.pipe(appNumber, v.description("The app's installation: the number at the end of the address of its settings page.")),
    ),
    base_url: v.optional(
      v.pipe(baseUrl, v.description("The REST API; of GitHub Enterprise Server `https://<host>/api/v3`.")),
      "https://api.github.com",
    ),
    include: v.optional(v.pipe(streamList, v.description("What to read. Default: all of it."))),
    exclude: v.optional(v.pipe(streamList, v.description("What not to read.")), []),
    since_default: v.optional(
      v.pipe(
        sinceDefault,
        v.description('How far back the first sync reads: a date ("2024-01-31") or an age ("90d"). Default: to the beginning.'),
      ),
    ),
  }),
  v.check(
    ({ repo, repos, org }) => countGiven(repo, repos, org) === 1,
    'needs exactly one of repo ("octocat/hello-world"), repos (a list of such) and org ("octocat")',
  ),
  v.check(
    ({ org, include_repos, exclude_repos }) => org !== undefined || countGiven(include_repos, exclude_repos) === 0,
    "include_repos and exclude_repos belong to org",
  ),
  v.check(
    ({ app_id, private_key, installation_id }) => countGiven(app_id, private_key, installation_id) % 3 === 0,
    "app_id, private_key and installation_id belong together",
  ),
  v.check(({ token, app_id }) => countGiven(token, app_id) < 2, "token and app_id exclude each other"),
  v.check((config) => enabledStreams(config).size > 0, "include and exclude leave nothing to read"),
);

export type GithubPullConfig = v.InferOutput<typeof githubPullConfig>;

/** What the entry wants read. */
export function enabledStreams(config: {
  readonly include?: readonly StreamName[] | undefined;
  readonly exclude: readonly StreamName[];
}): ReadonlySet<StreamName> {
  const { include = streamNames, exclude } = config;
  return new Set(include.filter((name) => !exclude.includes(name)));
}

/** The moment a first sync starts from, epoch milliseconds; undefined: from the beginning. */
export function firstSyncSinceMs(since: SinceDefault | undefined, nowMs: number): number | undefined {
  if (since === undefined) return undefined;
  return since.type === "moment" ? Math.min(since.ms, nowMs) : nowMs - since.ms;
}

function parseSince(text: string): SinceDefault | undefined {
  const age = agePattern.exec(text);
  if (age !== null) return { type: "age", ms: Number(age[1]) * unitMs.get(age[2]!)! };
  const ms = datePattern.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : { type: "moment", ms };
}

function countGiven(...values: readonly unknown[]): number {
  return values.filter((value) => value !== undefined).length;
}

function isRsaKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === "rsa";
  } catch {
    return false;
  }
}

function isPlainHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol)) return false;
  return url.username === "" && url.password === "" && url.search === "" && url.hash === "";
}

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

/** A `[[pull.github]]` entry, without the fields that every pull source has. */
export const githubPullConfig = v.pipe(
  v.object({
    repo: v.pipe(repositoryName, v.description("The repository, `owner/name`. After a rename the old name goes on working.")),
    token: v.optional(
      v.pipe(
        v.string(),
        v.nonEmpty("token is empty"),
        v.metadata({ secret: true }),
        v.description("Sent to the origin of `base_url` and to no other. Without one GitHub allows 60 requests an hour."),
      ),
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

function isPlainHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol)) return false;
  return url.username === "" && url.password === "" && url.search === "" && url.hash === "";
}

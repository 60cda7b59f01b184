import { createPrivateKey } from "node:crypto";
import { Secret } from "@statewave-connectors/connector-sdk";
import {
  allowedHosts,
  baseUrl,
  chosenStreams,
  optionalHeaderSecret,
  optionalSecret,
  sinceDefault,
  streamList,
} from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";
import { includeBots } from "./episodes/bots.ts";
import { memoriesOption } from "./episodes/routine.ts";

/** What can be read of a repository; the words of `include` and `exclude`. */
export const streamNames = ["issues", "pull_requests", "comments", "review_comments", "reviews", "releases"] as const;

export type StreamName = (typeof streamNames)[number];

// Managed users of GitHub Enterprise Cloud carry an underscore in their login (`mona_acme`).
const repositoryPattern = /^[A-Za-z0-9][A-Za-z0-9_-]*\/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/;

/** `owner/name` as people write it. */
export const repositoryName = v.pipe(
  v.string(),
  v.regex(repositoryPattern, 'a repository is "owner/name", e.g. "octocat/hello-world"'),
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

const privateKeyMessage = "private_key is not an RSA private key in PEM form, as GitHub gives it for an app";

/** A `[[pull.github]]` entry, without the fields that every pull source has. */
export const githubPullConfig = v.pipe(
  v.object({
    repo: v.optional(
      v.pipe(
        repositoryName,
        v.description("One repository, `owner/name`. After a rename the old name still works; `doctor` shows the new one."),
        v.examples(["octocat/hello-world"]),
        v.metadata({ suggested: true }),
      ),
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
        v.description(
          "All repositories of an organization that can be seen, new ones from their beginning. Exactly one of `repo`, `repos` and `org` is given.",
        ),
      ),
    ),
    include_repos: v.optional(
      v.pipe(
        repositoryPatterns,
        v.description('With `org`: names to read, without the owner; `*` and `?` stand for anything: `["api-*"]`. Default: all.'),
      ),
    ),
    exclude_repos: v.optional(v.pipe(repositoryPatterns, v.description("With `org`: names not to read, written likewise."))),
    token: v.pipe(
      optionalHeaderSecret({ message: "token is not a text" }),
      v.description("Sent to the origin of `base_url` and to no other. Without one GitHub allows 60 requests an hour."),
      v.metadata({ suggested: true }),
    ),
    app_id: v.optional(v.pipe(appNumber, v.description("Instead of `token`: a GitHub App, with the next two."))),
    private_key: v.pipe(
      optionalSecret({ message: privateKeyMessage }),
      v.transform((key) => (key === undefined ? undefined : withRealLineEnds(key))),
      v.check((key) => key === undefined || isRsaKey(key), privateKeyMessage),
      v.description('The app\'s private key in PEM form, best as `"${file:/run/secrets/app.pem}"`.'),
    ),
    installation_id: v.optional(
      v.pipe(appNumber, v.description("The app's installation: the number at the end of the address of its settings page.")),
    ),
    base_url: v.optional(
      v.pipe(
        baseUrl({ example: "https://github.example.com/api/v3" }),
        v.description("The REST API; of GitHub Enterprise Server `https://<host>/api/v3`. Plain `http` is allowed, for tests."),
      ),
      "https://api.github.com",
    ),
    allowed_hosts: v.optional(
      v.pipe(
        allowedHosts(),
        v.description(
          "Other names of the same Enterprise Server. Links to them are followed at `base_url`, so the token goes nowhere else.",
        ),
      ),
    ),
    include: v.optional(
      v.pipe(
        streamList(streamNames),
        v.description(
          'What to read: `"issues"`, `"pull_requests"`, `"comments"` (the conversations of both), `"review_comments"` (on lines of code), `"reviews"`, `"releases"`. Default: all.',
        ),
      ),
    ),
    exclude: v.optional(v.pipe(streamList(streamNames), v.description("What not to read; the same words.")), []),
    include_bots: includeBots,
    memories: memoriesOption,
    since_default: v.optional(
      v.pipe(
        sinceDefault(),
        v.description(
          'How far back the first sync reads: `"2024-01-31"`, `"90d"`, `"12h"`. Issues and comments _updated_ since then are read, reviews and releases _made_ since then. Default: to the beginning.',
        ),
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
  v.check((config) => chosenStreams(streamNames, config).size > 0, "include and exclude leave nothing to read"),
);

export type GithubPullConfig = v.InferOutput<typeof githubPullConfig>;

/** The streams that the entry reads. */
export function enabledStreams(config: Pick<GithubPullConfig, "include" | "exclude">): ReadonlySet<StreamName> {
  return chosenStreams(streamNames, config);
}

function countGiven(...values: readonly unknown[]): number {
  return values.filter((value) => value !== undefined).length;
}

/** In an environment variable the line ends are often written as `\n`. */
function withRealLineEnds(key: Secret): Secret {
  const pem = key.reveal().replaceAll(String.raw`\n`, "\n");
  return pem === key.reveal() ? key : new Secret(pem);
}

function isRsaKey(key: Secret): boolean {
  try {
    return createPrivateKey(key.reveal()).asymmetricKeyType === "rsa";
  } catch {
    return false;
  }
}

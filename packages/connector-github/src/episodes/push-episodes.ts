import type { Episode } from "@statewave-connectors/connector-sdk";
import * as v from "valibot";
import { type Payload, readPayload, type RepositoryEvent } from "../webhook/delivery.ts";
import { authorship, insiderOf, loginOf } from "./author.ts";
import { pointer, toEpisode } from "./episode-parts.ts";
import { firstLine, placeOf } from "./first-line.ts";
import { optionalText, text, url } from "../rows.ts";

const epochSeconds = v.pipe(v.number(), v.minValue(0), v.maxValue(10_000_000_000));
const files = v.fallback(v.optional(v.array(text), []), []);
const commit = v.object({
  message: optionalText,
  author: v.fallback(v.object({ name: optionalText, username: v.nullish(text) }), { name: "", username: null }),
  added: files,
  modified: files,
  removed: files,
});
const pushed = v.object({
  ref: text,
  before: text,
  after: text,
  forced: v.fallback(v.boolean(), false),
  compare: url,
  commits: v.array(commit),
  repository: v.object({
    pushed_at: v.fallback(v.optional(epochSeconds), undefined),
    default_branch: v.fallback(v.optional(text), undefined),
  }),
});

/** More are not named. */
const maxFiles = 20;

const target = v.object({ ref: text, repository: v.object({ default_branch: text }) });

/** The commits of other branches are remembered when they are merged; tags are remembered by their releases. */
export function otherBranch(payload: Payload): string | undefined {
  const read = v.safeParse(target, payload);
  if (!read.success || read.output.ref === `refs/heads/${read.output.repository.default_branch}`) return undefined;
  return "not_default_branch";
}

/** Commits came to the default branch. A push without new commits is nothing to remember. */
export function pushEpisodes(event: RepositoryEvent): readonly Episode[] {
  if (otherBranch(event.payload) !== undefined) return [];
  const row = readPayload(pushed, event);
  const branch = /^refs\/heads\/(.+)$/.exec(row.ref)?.[1];
  const newest = row.commits.at(-1);
  if (branch === undefined || newest === undefined) return [];
  const { repository, sender } = event;
  const count = row.commits.length === 1 ? "1 commit" : `${row.commits.length} commits`;
  const verb = row.forced ? "force-pushed" : "pushed";
  const say = (place: string) => `${loginOf(sender)} ${verb} ${count} to ${branch} ${place}`;
  const { pushed_at: pushedAt, default_branch: main } = row.repository;
  return [
    toEpisode(repository, {
      kind: "github.branch.pushed",
      line: firstLine(placeOf(repository.fullName), subjectOf(newest), say),
      body: [...messagesOf(row.commits), filesOf(row.commits)].join("\n\n"),
      at: pushedAt === undefined ? event.receivedAt : new Date(pushedAt * 1_000).toISOString(),
      title: subjectOf(newest),
      author: insiderOf(sender),
      source: pointer("github.branch", `${repository.fullName}@${branch}`, row.compare),
      // A branch may be put back to where it was: both ends distinguish one push from the next.
      keyParts: ["push", row.before, row.after, row.ref],
      metadata: {
        branch,
        ...(main !== undefined && { default_branch: branch === main }),
        commits: row.commits.length,
        forced: row.forced,
        ...authorship(sender),
      },
    }),
  ];
}

type Commit = v.InferOutput<typeof commit>;

function subjectOf({ message }: Commit): string {
  return message.split("\n", 1)[0] ?? "";
}

/** What each commit says; of a single one the first line has said its subject. */
function messagesOf(commits: readonly Commit[]): readonly string[] {
  const [only] = commits;
  if (only !== undefined && commits.length === 1) return [only.message.slice(subjectOf(only).length).trim()];
  return commits.map(({ author, message }) => `${author.username ?? author.name}: ${message.trim()}`);
}

function filesOf(commits: readonly Commit[]): string {
  const paths = [...new Set(commits.flatMap(({ added, modified, removed }) => [...added, ...modified, ...removed]))];
  if (paths.length === 0) return "";
  const more = paths.length > maxFiles ? ` and ${paths.length - maxFiles} more` : "";
  return `Files: ${paths
    .slice(0, maxFiles)
    .map((path) => `\`${path}\``)
    .join(", ")}${more}.`;
}

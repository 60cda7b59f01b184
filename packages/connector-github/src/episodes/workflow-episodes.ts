import type { Author, Episode } from "@statewave-connectors/connector-sdk";
import * as v from "valibot";
import { type Payload, readPayload, type RepositoryEvent } from "../webhook/delivery.ts";
import { account, id, instant, optionalText, text, url } from "../rows.ts";
import { insiderOf, loginOf } from "./author.ts";
import { pointer, toEpisode } from "./episode-parts.ts";
import { firstLine, placeOf } from "./first-line.ts";

const runThing = v.object({
  workflow: v.fallback(v.nullish(v.object({ name: optionalText })), null),
  workflow_run: v.object({
    id,
    name: v.fallback(optionalText, ""),
    display_title: v.fallback(optionalText, ""),
    conclusion: text,
    event: v.fallback(optionalText, ""),
    head_branch: v.fallback(optionalText, ""),
    head_sha: v.fallback(optionalText, ""),
    head_commit: v.fallback(v.nullish(v.object({ message: optionalText })), null),
    head_repository: v.fallback(v.nullish(v.object({ id })), null),
    html_url: url,
    updated_at: instant,
    run_attempt: v.fallback(v.optional(id, 1), 1),
    actor: account,
    triggering_actor: account,
    pull_requests: v.fallback(v.array(v.object({ number: id })), []),
  }),
});

type Run = v.InferOutput<typeof runThing>["workflow_run"];

const failures: ReadonlyMap<string, string> = new Map([
  ["failure", "failed"],
  ["timed_out", "timed out"],
  ["startup_failure", "failed to start"],
]);
const conclusion = v.object({ workflow_run: v.object({ conclusion: v.nullish(text) }) });

/** Only failures are worth remembering. */
export function passedWorkflow(payload: Payload): string | undefined {
  const read = v.safeParse(conclusion, payload);
  if (!read.success) return undefined;
  return failures.has(read.output.workflow_run.conclusion ?? "") ? undefined : "not_failed";
}

/** A run of a workflow failed. */
export function workflowEpisodes(event: RepositoryEvent): readonly Episode[] {
  if (passedWorkflow(event.payload) !== undefined) return [];
  const { workflow, workflow_run: run } = readPayload(runThing, event);
  const { repository } = event;
  const name = [workflow?.name, run.name].find((word) => word !== undefined && word !== "") ?? "a workflow";
  const how = failures.get(run.conclusion) ?? "failed";
  const branch = run.head_branch === "" ? "" : ` on ${run.head_branch}`;
  const kind = "github.workflow.failed";
  const commit = run.head_commit?.message.split("\n", 1)[0] ?? "";
  const title = run.display_title === "" ? commit : run.display_title;
  const [pull] = run.pull_requests;
  return [
    toEpisode(repository, {
      kind,
      line: firstLine(placeOf(repository.fullName), title, (place) => `${name} ${place} ${how}${branch}`),
      body: bodyOf(run),
      at: run.updated_at,
      title,
      ...(pull !== undefined && { session: pull.number }),
      author: authorOf(event, run),
      outcome: { status: run.conclusion, reason: `${name} ${how}${branch}` },
      source: pointer("github.workflow_run", `${repository.fullName}/workflow_run/${run.id}`, run.html_url),
      keyParts: ["workflow_run", run.id, kind, run.run_attempt],
      metadata: {
        workflow: name,
        conclusion: run.conclusion,
        branch: run.head_branch,
        commit: run.head_sha,
        attempt: run.run_attempt,
        author: loginOf(triggerOf(event, run)),
        ...(pull !== undefined && { number: pull.number }),
      },
    }),
  ];
}

const shortSha = 7;

function bodyOf({ event, head_sha: sha, run_attempt: attempt, pull_requests: [pull] }: Run): string {
  const trigger = event === "" ? "" : ` by ${event}`;
  const commit = sha === "" ? "" : ` at commit ${sha.slice(0, shortSha)}`;
  const ofPull = pull === undefined ? "" : ` for PR #${pull.number}`;
  return `Attempt ${attempt}, started${trigger}${ofPull}${commit}.`;
}

function triggerOf({ sender }: RepositoryEvent, { triggering_actor: trigger, actor }: Run) {
  return trigger ?? actor ?? sender;
}

/** Events that take no right to write: their titles are those of issues, discussions and pull requests of anyone. */
const openToAll: ReadonlySet<string> = new Set([
  "discussion",
  "discussion_comment",
  "fork",
  "issue_comment",
  "issues",
  "pull_request_review",
  "pull_request_review_comment",
  "watch",
]);

/** The title is that of a commit or a pull request, which may come from a fork, whose owner has no rights here. A deleted fork is null. */
function authorOf(event: RepositoryEvent, run: Run): Author {
  const isOutside = run.head_repository?.id !== event.repository.id || openToAll.has(run.event);
  const author = insiderOf(triggerOf(event, run));
  return isOutside && author.kind === "member" ? { ...author, kind: "external" } : author;
}

import type { Episode } from "@statewave-connectors/connector-sdk";
import * as v from "valibot";
import { type Payload, readPayload, type RepositoryEvent } from "../webhook/delivery.ts";
import { account, id, instant, optionalText, text, url } from "../rows.ts";
import { insiderOf, loginOf } from "./author.ts";
import { pointer, toEpisode } from "./episode-parts.ts";
import { firstLine, placeOf } from "./first-line.ts";

const statusThing = v.object({
  deployment_status: v.object({
    id,
    state: text,
    description: optionalText,
    creator: account,
    created_at: instant,
    log_url: url,
    target_url: url,
  }),
  deployment: v.object({
    id,
    sha: v.fallback(optionalText, ""),
    ref: v.fallback(optionalText, ""),
    environment: text,
    description: v.fallback(optionalText, ""),
    creator: account,
  }),
});

const failed: ReadonlySet<string> = new Set(["failure", "error"]);
const state = v.object({ deployment_status: v.object({ state: text }) });

/** Only how a deployment ends is worth remembering: before that it is queued, pending and in progress, later inactive. */
export function unfinishedDeployment(payload: Payload): string | undefined {
  const read = v.safeParse(state, payload);
  if (!read.success) return undefined;
  const { state: word } = read.output.deployment_status;
  return word === "success" || failed.has(word) ? undefined : "not_finished";
}

/** A deployment succeeded or failed. */
export function deploymentEpisodes(event: RepositoryEvent): readonly Episode[] {
  if (unfinishedDeployment(event.payload) !== undefined) return [];
  const { deployment_status: status, deployment } = readPayload(statusThing, event);
  const { repository, sender } = event;
  const { environment, ref, sha } = deployment;
  const hasFailed = failed.has(status.state);
  const kind = hasFailed ? "github.deployment.failed" : "github.deployment.succeeded";
  const by = deployment.creator ?? sender;
  const what = ref === "" ? sha.slice(0, shortSha) : ref;
  const say = (place: string) =>
    `${loginOf(by)} ${hasFailed ? "failed to deploy" : "deployed"} ${what} ${place} to ${environment}`;
  return [
    toEpisode(repository, {
      kind,
      line: firstLine(placeOf(repository.fullName), deployment.description, say),
      body: [status.description, sha === "" ? "" : `Commit ${sha.slice(0, shortSha)}.`].filter(Boolean).join(" "),
      at: status.created_at,
      title: deployment.description === "" ? `${what} to ${environment}` : deployment.description,
      author: insiderOf(by),
      outcome: { status: status.state, reason: status.description === "" ? `deployed to ${environment}` : status.description },
      source: pointer("github.deployment", `${repository.fullName}/deployment/${deployment.id}`, pageOf(status)),
      keyParts: ["deployment", deployment.id, kind, status.id],
      metadata: { environment, ref, sha, state: status.state, deployment_id: deployment.id, author: loginOf(by) },
    }),
  ];
}

const shortSha = 7;

function pageOf({
  log_url: log,
  target_url: target,
}: v.InferOutput<typeof statusThing>["deployment_status"]): string | undefined {
  return log === undefined || log === "" ? target : log;
}

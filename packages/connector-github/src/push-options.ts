import { chosenStreams, rotatingSecret, type StreamChoice, streamList } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";
import { includeBots } from "./episodes/bots.ts";
import { memoriesOption } from "./episodes/routine.ts";
import { repositoryName, type StreamName, streamNames } from "./pull-options.ts";

/** What is taken only on demand, by GitHub's names of events and their actions. */
export const optInEvents = [
  "discussion",
  "discussion_comment",
  "push",
  "issues.assigned",
  "issues.unassigned",
  "pull_request.assigned",
  "pull_request.unassigned",
  "pull_request.review_requested",
  "pull_request.review_request_removed",
  "milestone",
  "deployment_status",
  "workflow_run",
  "dependabot_alert",
  "code_scanning_alert",
  "secret_scanning_alert",
] as const;

export type OptInEvent = (typeof optInEvents)[number];

/** A word of `include` or of `events`. */
export type EventGroup = StreamName | OptInEvent;

const secretMessage = "must be the secret of the webhook, or two of them while it is being changed";

/** A `[[push.github]]` entry, without the fields that every receiver has. */
export const githubPushConfig = v.pipe(
  v.object({
    secret: v.pipe(
      rotatingSecret({ message: secretMessage }),
      v.description("The webhook's secret; two while it is being changed."),
      v.metadata({ aliases: ["webhook_secret"] }),
    ),
    repos: v.optional(
      v.pipe(
        v.array(repositoryName),
        v.nonEmpty("must name a repository; leave it out to take what every repository sends"),
        v.description("Take events of these repositories only, `owner/name`. Default: every repository that sends."),
      ),
    ),
    include: v.optional(v.pipe(streamList(streamNames), v.description("What to take: the words of the default.")), [
      ...streamNames,
    ]),
    exclude: v.optional(v.pipe(streamList(streamNames), v.description("What not to take; the same words.")), []),
    events: v.optional(
      v.pipe(
        streamList(optInEvents),
        v.description(`What to take besides, by GitHub's names: ${optInEvents.map((name) => `\`"${name}"\``).join(", ")}.`),
      ),
      [],
    ),
    include_bots: includeBots,
    memories: memoriesOption,
  }),
  v.check((config) => wantedGroups(config).size > 0, "include, exclude and events leave nothing to take"),
);

export type GithubPushConfig = v.InferOutput<typeof githubPushConfig>;

interface PushChoice extends StreamChoice<StreamName> {
  readonly events: readonly OptInEvent[];
}

/** The events that the entry takes. */
export function wantedGroups(config: PushChoice): ReadonlySet<EventGroup> {
  return new Set<EventGroup>([...chosenStreams(streamNames, config), ...config.events]);
}

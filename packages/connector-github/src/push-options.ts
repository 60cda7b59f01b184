import { chosenStreams, rotatingSecret, streamList } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";
import { includeBots } from "./episodes/bots.ts";
import { repositoryName, streamNames } from "./pull-options.ts";

/** What can be taken of a repository's events; the words of `include` and `exclude`. */
export const eventGroups = [...streamNames, "discussions", "pushes"] as const;

export type EventGroup = (typeof eventGroups)[number];

const secretMessage = "must be the secret of the webhook, or two of them while it is being changed";

/** A `[[push.github]]` entry, without the fields that every push receiver has. */
export const githubPushConfig = v.pipe(
  v.object({
    secret: v.pipe(
      rotatingSecret({ message: secretMessage }),
      v.description("The webhook's secret; two while it is being changed."),
    ),
    repos: v.optional(
      v.pipe(
        v.array(repositoryName),
        v.nonEmpty("must name a repository; leave it out to take what every repository sends"),
        v.description("Take events of these repositories only, `owner/name`. Default: every repository that sends."),
      ),
    ),
    include: v.optional(
      v.pipe(streamList(eventGroups), v.description('What to take: the words of the default, `"discussions"` and `"pushes"`.')),
      [...streamNames],
    ),
    exclude: v.optional(v.pipe(streamList(eventGroups), v.description("What not to take; the same words.")), []),
    include_bots: includeBots,
  }),
  v.check((config) => chosenStreams(eventGroups, config).size > 0, "include and exclude leave nothing to take"),
);

export type GithubPushConfig = v.InferOutput<typeof githubPushConfig>;

/** The events that the entry takes. */
export function wantedGroups(config: Pick<GithubPushConfig, "include" | "exclude">): ReadonlySet<EventGroup> {
  return chosenStreams(eventGroups, config);
}

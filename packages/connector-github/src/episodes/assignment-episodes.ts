import type { Episode } from "@statewave-connectors/connector-sdk";
import * as v from "valibot";
import { readPayload, type RepositoryEvent, unmappable } from "../webhook/delivery.ts";
import { readThing } from "../webhook/issue-things.ts";
import { account, text } from "../rows.ts";
import { loginOf } from "./author.ts";
import { issueEpisode, origin } from "./issue-frame.ts";

const assigned = v.object({ assignee: account });
const reviewer = v.object({
  requested_reviewer: account,
  requested_team: v.fallback(v.optional(v.object({ name: text })), undefined),
});

/** An issue or pull request was given to a person, or taken from one. */
export function assignmentEpisodes(event: RepositoryEvent): readonly Episode[] {
  const { assignee } = readPayload(assigned, event);
  if (assignee === null || assignee === undefined) throw unmappable(event, "assignee");
  const { login } = assignee;
  const isGiven = event.action === "assigned";
  const say = (who: string, thing: string) =>
    isGiven ? `${who} assigned ${thing} to ${login}` : `${who} unassigned ${login} from ${thing}`;
  return [handedEpisode(event, login, say)];
}

/** A person or a team was requested to review a pull request, or is not any more. */
export function reviewRequestEpisodes(event: RepositoryEvent): readonly Episode[] {
  const { requested_reviewer: person, requested_team: team } = readPayload(reviewer, event);
  const name = person?.login ?? (team === undefined ? undefined : `team ${team.name}`);
  if (name === undefined) throw unmappable(event, "requested_reviewer");
  const isRequested = event.action === "review_requested";
  const say = (who: string, thing: string) =>
    isRequested
      ? `${who} requested a review of ${thing} from ${name}`
      : `${who} withdrew the request to ${name} to review ${thing}`;
  return [handedEpisode(event, name, say)];
}

/** Two people may be assigned within a second: the name distinguishes them, and the time one assignment from the next. */
function handedEpisode(event: RepositoryEvent, name: string, say: (who: string, thing: string) => string): Episode {
  const { repository, sender, action = "" } = event;
  const { row } = readThing(event);
  const at = row.updated_at;
  const body = origin(row);
  const saying = (thing: string) => say(loginOf(sender), thing);
  return issueEpisode(repository, row, { event: action, at, by: sender ?? null, say: saying, body, discriminator: [at, name] });
}

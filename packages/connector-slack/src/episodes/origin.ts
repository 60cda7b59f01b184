import type { Conversation } from "./conversation.ts";
import { type Fields, stringField, toFieldsList } from "./fields.ts";

/** Where something was said, whichever way it was read. */
export interface Origin {
  /** The workspace the app is installed in. */
  readonly teamId: string;
  readonly originTeamId: string | undefined;
  readonly channel: string;
  readonly conversation: Conversation;
  /** The app's own users; empty: not told. */
  readonly ourUserIds: ReadonlySet<string>;
  readonly eventId: string | undefined;
}

/** What an envelope says about where its event comes from; undefined when it names no team. */
export function originOf(delivery: Fields, channel: string, conversation: Conversation): Origin | undefined {
  const authorizations = toFieldsList(delivery["authorizations"]);
  const teamId = installedIn(delivery);
  if (teamId === undefined) return undefined;
  const users = authorizations.map((authorization) => stringField(authorization, "user_id"));
  return {
    teamId,
    originTeamId: stringField(delivery, "team_id"),
    channel,
    conversation,
    ourUserIds: new Set(users.filter((user) => user !== undefined)),
    eventId: stringField(delivery, "event_id"),
  };
}

/** The workspace whose installation an envelope was sent for. In a channel shared between workspaces `team_id` may be the other one. */
export function installedIn(delivery: Fields): string | undefined {
  const [authorization] = toFieldsList(delivery["authorizations"]);
  return stringField(delivery, "context_team_id") ?? stringField(authorization, "team_id") ?? stringField(delivery, "team_id");
}

/** `counterpart` is the other party of a DM; unknown, the DM itself is the subject. */
export function subjectOf(origin: Origin, counterpart: string | undefined): string {
  if (origin.conversation === "mpim") return `mpim:${origin.channel}`;
  return origin.conversation === "channel" ? `team:${origin.teamId}` : `dm:${counterpart ?? origin.channel}`;
}

import { type Fields, stringField, toFields, toFieldsList, withoutUndefined } from "@statewave-connectors/connector-sdk/items";
import type { Conversation } from "../conversation.ts";
import type { SlackNames } from "../names/names.ts";

/** Where something was said, whichever way it was read. */
export interface Origin {
  /** The workspace the app is installed in. */
  readonly teamId: string;
  /** Of an event: the workspace that it comes from. */
  readonly originTeamId?: string | undefined;
  readonly channel: string;
  readonly conversation: Conversation;
  /** Whether another organization shares the channel by Slack Connect. */
  readonly isShared: boolean;
  /** The app's own users; empty: unknown. */
  readonly ourUserIds: ReadonlySet<string>;
  readonly eventId?: string | undefined;
}

/** What an envelope says about where its event comes from; undefined when it names no team. */
export function originOf(
  delivery: Fields,
  channel: string,
  conversation: Conversation,
  wantedTeam: string | undefined,
): Origin | undefined {
  const authorizations = toFieldsList(delivery["authorizations"]);
  const teamId = wantedTeam ?? installedIn(delivery);
  if (teamId === undefined) return undefined;
  const users = authorizations.map((authorization) => stringField(authorization, "user_id"));
  return {
    teamId,
    originTeamId: stringField(delivery, "team_id"),
    channel,
    conversation,
    isShared: delivery["is_ext_shared_channel"] === true,
    ourUserIds: new Set(users.filter((user) => user !== undefined)),
    eventId: stringField(delivery, "event_id"),
  };
}

/**
 * The workspace whose installation an envelope was sent for. In a channel shared between workspaces `team_id` may be the other one; for an
 * organization-wide install any of them may be missing or name the organization (`E…`), which is no workspace.
 */
export function installedIn(delivery: Fields): string | undefined {
  const context = stringField(delivery, "context_team_id");
  // What nearly every envelope says.
  if (context?.startsWith("E") === false) return context;
  const [authorization] = toFieldsList(delivery["authorizations"]);
  const ids = [context, stringField(authorization, "team_id"), stringField(delivery, "team_id")];
  const [first, ...others] = ids.filter((id) => id !== undefined);
  if (first === undefined) return undefined;
  return (
    [first, ...others, stringField(toFields(delivery["event"]), "team")].find((id) => id?.startsWith("E") === false) ?? first
  );
}

/** Whether an envelope is of another workspace than the one that is wanted. Shared channels name the workspace of the writer. */
export function isOfOtherTeam(delivery: Fields, wantedTeam: string | undefined): boolean {
  if (wantedTeam === undefined || delivery["is_ext_shared_channel"] === true) return false;
  const team = installedIn(delivery);
  return team !== undefined && !team.startsWith("E") && team !== wantedTeam;
}

/** What metadata says of a message and where it was said; `more` is known of this kind of episode only. */
export function metadataOf(origin: Origin, ts: string, more: Fields): Record<string, unknown> {
  return withoutUndefined({
    team_id: origin.teamId,
    origin_team_id: origin.originTeamId,
    channel_id: origin.channel,
    conversation: origin.conversation,
    ts,
    ...more,
    event_id: origin.eventId,
  });
}

/** `counterpart` is the other party of a DM; unknown, the DM itself is the subject. */
export function subjectOf(origin: Origin, counterpart: string | undefined): string {
  if (origin.conversation === "mpim") return `mpim:${origin.channel}`;
  return origin.conversation === "channel" ? `team:${origin.teamId}` : `dm:${counterpart ?? origin.channel}`;
}

/**
 * The address of a message, where that of its workspace is known.
 *
 * @see https://docs.slack.dev/reference/methods/chat.getPermalink
 */
export function linkTo({ teamId, channel }: Origin, ts: string, thread: string | undefined, names: SlackNames): { url?: string } {
  const workspace = names.workspace(teamId);
  if (workspace === undefined) return {};
  const url = new URL(`/archives/${encodeURIComponent(channel)}/p${ts.replace(".", "")}`, workspace);
  if (thread !== undefined) url.search = new URLSearchParams({ thread_ts: thread, cid: channel }).toString();
  return { url: url.href };
}

import { type Fields, stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import { oneLine } from "@statewave-connectors/connector-sdk/text";
import type { ChannelFacts } from "../conversation.ts";

const maxNameLength = 60;

/** Apps choose their names freely; one must not push the rest out of the first line. */
export function shownName(name: string | undefined): string | undefined {
  const line = name === undefined ? "" : oneLine(name).slice(0, maxNameLength).toWellFormed();
  return line === "" ? undefined : line;
}

/** @see https://docs.slack.dev/reference/objects/user-object */
export function toUserName(user: Fields | undefined): string | undefined {
  const profile = toFields(user?.["profile"]);
  return shownName(
    stringField(profile, "display_name") ??
      stringField(profile, "real_name") ??
      stringField(user, "real_name") ??
      stringField(user, "name"),
  );
}

/** @see https://docs.slack.dev/reference/objects/conversation-object */
export function toChannelFacts(channel: Fields): ChannelFacts {
  const conversation = channel["is_im"] === true ? "im" : channel["is_mpim"] === true ? "mpim" : "channel";
  return {
    conversation,
    // A group DM's name is a list of logins such as mpdm-ann--ben-1: no name that people use.
    name: conversation === "channel" ? shownName(stringField(channel, "name")) : undefined,
    counterpart: conversation === "im" ? stringField(channel, "user") : undefined,
    isShared: channel["is_ext_shared"] === true ? true : undefined,
  };
}

/**
 * The address of a workspace, by the answer to `auth.test`. The token of an organization-wide install knows that of the organization only.
 */
export function toWorkspaceUrl(answer: Fields, team: string): string | undefined {
  const url = stringField(answer, "url");
  const isOther = answer["team_id"] !== team || answer["is_enterprise_install"] === true;
  return isOther || url === undefined || !/^https:\/\/[^/]+\/?$/.test(url) || !URL.canParse(url) ? undefined : url;
}

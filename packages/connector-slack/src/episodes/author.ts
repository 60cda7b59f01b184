import type { Author } from "@statewave-connectors/connector-sdk";
import { type Fields, stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import type { SlackNames } from "../names/names.ts";
import { shownName } from "../names/to-names.ts";
import type { Origin } from "./origin.ts";

/** Who wrote a message. */
export interface Writer {
  readonly userId: string | undefined;
  /** For people: the name, or the id where no name is known; behind the word "bot" for an app. */
  readonly label: string;
  /** Of the app itself, of other apps, and of members of another organization, whom Slack marks. */
  readonly author: Author | undefined;
}

/** Slack names people by id; only some messages bring a profile along. */
export function writerOf(message: Fields, origin: Origin, names: SlackNames): Writer {
  const userId = stringField(message, "user");
  const botId = stringField(message, "bot_id");
  const own = botId === undefined ? personName(message) : botName(message);
  const name = own ?? (userId === undefined ? undefined : names.user(userId));
  const id = userId ?? botId;
  const kind = kindOf(message, origin);
  const author = kind === undefined ? undefined : { name: name ?? id ?? "unknown", kind, verifiedBy: "slack" };
  const label = name ?? id ?? "someone";
  return { userId, label: botId === undefined ? label : `bot ${label}`, author };
}

/** A member of another workspace is external only where the channel is shared by Slack Connect: organizations have several workspaces. */
function kindOf(message: Fields, { teamId, ourUserIds, isShared }: Origin): Author["kind"] | undefined {
  const user = stringField(message, "user");
  if (user !== undefined && ourUserIds.has(user)) return "self";
  if (stringField(message, "bot_id") !== undefined) return "bot";
  const team = stringField(message, "user_team") ?? stringField(message, "team");
  return isShared && user !== undefined && team !== undefined && team !== teamId ? "external" : undefined;
}

function personName(message: Fields): string | undefined {
  const profile = toFields(message["user_profile"]);
  return shownName(stringField(profile, "display_name") ?? stringField(profile, "real_name") ?? stringField(message, "username"));
}

function botName(message: Fields): string | undefined {
  return shownName(stringField(message, "username") ?? stringField(toFields(message["bot_profile"]), "name"));
}

/** A person or app by name, or by id where no name is known. */
export function userLabel(id: string, names: SlackNames): string {
  return names.user(id) ?? id;
}

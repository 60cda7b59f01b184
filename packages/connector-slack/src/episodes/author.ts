import { type Fields, stringField, toFields } from "./fields.ts";
import type { Names } from "./names.ts";

const maxNameLength = 60;

/** Who wrote a message. */
export interface Author {
  readonly userId: string | undefined;
  /** For people: the id, with a name and the word "bot" where the event tells. */
  readonly label: string;
}

/** Slack names people by id; only some messages bring a profile along. */
export function authorOf(message: Fields, names: Names): Author {
  const userId = stringField(message, "user");
  const botId = stringField(message, "bot_id");
  const told = botId === undefined ? personName(message) : botName(message);
  const name = told ?? (userId === undefined ? undefined : names.user(userId));
  const id = userId ?? botId;
  const known = [botId === undefined ? undefined : "bot", name].filter((part) => part !== undefined).join(" ");
  if (id === undefined) return { userId, label: name ?? "someone" };
  return { userId, label: known === "" ? id : `${known} (${id})` };
}

function personName(message: Fields): string | undefined {
  const profile = toFields(message["user_profile"]);
  return oneLine(stringField(profile, "display_name") ?? stringField(profile, "real_name") ?? stringField(message, "username"));
}

function botName(message: Fields): string | undefined {
  return oneLine(stringField(message, "username") ?? stringField(toFields(message["bot_profile"]), "name"));
}

/** Apps choose their names freely; one must not push the rest out of the first line. */
export function oneLine(name: string | undefined): string | undefined {
  const line = name?.replaceAll(/\s+/g, " ").trim().slice(0, maxNameLength).toWellFormed();
  return line === "" ? undefined : line;
}

/** A person or app by id, with the name where it is known. */
export function userLabel(id: string, names: Names): string {
  const name = names.user(id);
  return name === undefined ? id : `${name} (${id})`;
}

import type { ConnectorContext } from "@statewave-connectors/connector-sdk";
import { type Fields, stringField, toFields, toFieldsList } from "@statewave-connectors/connector-sdk/items";
import { NameDirectory } from "@statewave-connectors/connector-sdk/names";
import type { SlackClient } from "../client.ts";
import type { Known } from "./names.ts";
import { shownName, toChannelFacts, toUserName, toWorkspaceUrl } from "./to-names.ts";

/** Who and what an id stands for, requested from Slack. */
export type Directory = NameDirectory<Known>;

/** What Slack says of one id, as opposed to not answering the question. */
const absentCodes = new Set(["SLACK_CHANNEL_NOT_FOUND", "SLACK_NOT_IN_CHANNEL", "SLACK_FORBIDDEN", "SLACK_REFUSED"]);

/** Of what only makes a text better: whatever Slack answers, nothing waits for it. Only an outage keeps it from being requested. */
const isNicetyAbsent = ({ code }: { readonly code: string }) => code !== "SLACK_UNAVAILABLE";
/** Messages are larger than names. */
const mostMessages = 300;

/** @param attempts How often a look-up is tried at once while it fails for a reason that may pass. */
export function openDirectory(client: SlackClient, context: ConnectorContext, attempts: number): Directory {
  const directory: Directory = new NameDirectory<Known>({
    clock: context.clock,
    logger: context.logger,
    attempts,
    kinds: {
      channel: {
        method: "conversations.info",
        most: 2_000,
        fetch: async (channel, signal) => {
          const { body } = await client.call("conversations.info", { channel }, signal);
          return toChannelFacts(toFields(body["channel"]) ?? {});
        },
        // Each type of conversation has a scope of its own: im:read missing says nothing about channels.
        isAbsent: ({ code }) => absentCodes.has(code) || code === "SLACK_MISSING_SCOPE",
      },
      user: {
        method: "users.info",
        fetch: async (user, signal) => {
          const { body } = await client.call("users.info", { user }, signal);
          return toUserName(toFields(body["user"]));
        },
        isAbsent: ({ code }) => absentCodes.has(code),
      },
      group: {
        method: "usergroups.list",
        fetch: async (group, signal) => {
          const groups = await groupsOf(client, signal);
          for (const [id, handle] of groups) directory.learn("group", id, handle);
          return groups.get(group);
        },
        isAbsent: isNicetyAbsent,
      },
      workspace: {
        method: "auth.test",
        fetch: async (team, signal) => toWorkspaceUrl((await client.call("auth.test", {}, signal)).body, team),
        isAbsent: isNicetyAbsent,
      },
      message: {
        method: "conversations.replies",
        most: mostMessages,
        fetch: (id, signal) => messageOf(client, id, signal),
        isAbsent: isNicetyAbsent,
      },
    },
  });
  return directory;
}

/** The handles of all groups of users: Slack gives them in one list. */
async function groupsOf(client: SlackClient, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const { body } = await client.call("usergroups.list", { include_disabled: true }, signal);
  const rows = toFieldsList(body["usergroups"]).flatMap((group): readonly (readonly [string, string])[] => {
    const id = stringField(group, "id");
    const handle = shownName(stringField(group, "handle") ?? stringField(group, "name"));
    return id === undefined || handle === undefined ? [] : [[id, handle]];
  });
  return new Map(rows);
}

/** One message, in a thread or not: the replies to any message are listed with it. */
async function messageOf(client: SlackClient, id: string, signal: AbortSignal): Promise<Fields | undefined> {
  const [channel = "", ts = ""] = id.split(":");
  const args = { channel, ts, oldest: ts, latest: ts, inclusive: true, limit: 2 };
  const { body } = await client.call("conversations.replies", args, signal);
  return toFieldsList(body["messages"]).find((message) => message["ts"] === ts);
}

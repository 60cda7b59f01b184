import type { ConnectorContext } from "@statewave-connectors/connector-sdk";
import { toFields } from "@statewave-connectors/connector-sdk/items";
import { NameDirectory } from "@statewave-connectors/connector-sdk/names";
import type { SlackClient } from "../client.ts";
import type { Known } from "./names.ts";
import { toChannelFacts, toUserName } from "./to-names.ts";

/** Who and what an id stands for, requested from Slack. */
export type Directory = NameDirectory<Known>;

/** What Slack says of one id, as opposed to not answering the question. */
const absentCodes = new Set(["SLACK_CHANNEL_NOT_FOUND", "SLACK_NOT_IN_CHANNEL", "SLACK_REFUSED"]);

/** @param attempts How often a look-up is tried at once while it fails for a reason that may pass. */
export function openDirectory(client: SlackClient, context: ConnectorContext, attempts: number): Directory {
  return new NameDirectory<Known>({
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
    },
  });
}

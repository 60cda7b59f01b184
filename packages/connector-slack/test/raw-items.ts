import type { FakeSlack } from "../src/testing/fake-slack.ts";

/** Every message and reply as a failed item of the pull keeps it. */
export function rawItemsOf({ workspace }: FakeSlack): readonly { readonly id: string; readonly raw: unknown }[] {
  const { teamId, botUserId } = workspace.shape;
  const users = Object.fromEntries([...workspace.users.keys()].map((id) => [id, id.replace("U0PERSON", "Person ")]));
  return [...workspace.channels.values()].flatMap((channel) => {
    const channels = { [channel.id]: { conversation: "channel", name: channel.name } };
    const messages = [...channel.messages, ...[...channel.replies.values()].flat()];
    return messages.map((message) => ({
      id: `${channel.id}:${String(message["ts"])}`,
      raw: {
        team: teamId,
        channel: channel.id,
        conversation: "channel",
        app_user: botUserId,
        actions: ["posted"],
        message,
        names: { users, channels },
      },
    }));
  });
}

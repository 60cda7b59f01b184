import type { FakeSlack } from "../src/testing/fake-slack.ts";
import type { Json } from "../src/testing/workspace.ts";

/** Every message and reply as a failed item of the pull keeps it. */
export function rawItemsOf({ workspace }: FakeSlack): readonly { readonly id: string; readonly raw: unknown }[] {
  const { teamId, botUserId } = workspace.shape;
  const usersOf = (...messages: readonly (Json | undefined)[]) =>
    Object.fromEntries(
      messages.flatMap((message) => {
        const id = String(message?.["user"]);
        return message === undefined ? [] : [[id, id.replace("U0PERSON", "Person ")]];
      }),
    );
  return [...workspace.channels.values()].flatMap((channel) => {
    const channels = { [channel.id]: { conversation: "channel", name: channel.name } };
    const shown = channel.messages.map((message) => workspace.shown(channel, message));
    const replies = [...channel.replies].flatMap(([parent, list]) => {
      const root = shown.find(({ ts }) => ts === parent);
      return list.map((message) => ({ message, root }));
    });
    return [...shown.map((message) => ({ message, root: undefined })), ...replies].map(({ message, root }) => ({
      id: `${channel.id}:${String(message["ts"])}`,
      raw: {
        team: teamId,
        channel: channel.id,
        conversation: "channel",
        app_user: botUserId,
        actions: ["posted"],
        message,
        ...(root !== undefined && { root }),
        names: { users: usersOf(message, root), channels, groups: {}, workspaces: { [teamId]: "https://acme.slack.com/" } },
      },
    }));
  });
}

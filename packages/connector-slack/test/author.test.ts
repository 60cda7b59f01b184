import { expect, test } from "vitest";
import { episodeOf, message } from "./open-receiver.ts";

const theirs = { user_team: "T0THEIRS", user: "U1", user_profile: { display_name: "Ann" } };
const envelope = { authorizations: [{ team_id: "T061EG9R6", user_id: "U0APP" }] };

test.each<[string, Record<string, unknown>, Record<string, unknown>, unknown]>([
  ["the app itself", { user: "U0APP", bot_id: "B0APP" }, {}, { name: "U0APP", kind: "self", verifiedBy: "slack" }],
  ["another app", { user: "U2", bot_id: "B1", username: "deploys" }, {}, { name: "deploys", kind: "bot", verifiedBy: "slack" }],
  ["an app without a user", { user: undefined, bot_id: "B1" }, {}, { name: "B1", kind: "bot", verifiedBy: "slack" }],
  [
    "a member of another organization in a shared channel",
    theirs,
    { is_ext_shared_channel: true },
    { name: "Ann", kind: "external", verifiedBy: "slack" },
  ],
  ["a member of another workspace of the organization", theirs, {}, undefined],
  ["a member in a shared channel", { ...theirs, user_team: "T061EG9R6" }, { is_ext_shared_channel: true }, undefined],
])("the author of an episode is %s", async (_, event, fields, author) => {
  expect((await episodeOf(message(event, { ...envelope, ...fields }))).author).toEqual(author);
});

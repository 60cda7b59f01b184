import { describeConnector, describeReceiver, signAs } from "@statewave-connectors/testing";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { connector } from "../src/index.ts";
import { startFakeIntercom, whole } from "../src/testing/index.ts";
import { signature } from "../src/webhook/receive.ts";
import { freshToken } from "./open-fake.ts";
import { samples } from "./samples.ts";

describeConnector({
  connector,
  provider: {
    // Whose token it is, the list, and each of its conversations.
    maxRequestsPerPage: 52,
    rateLimited: (nowMs) =>
      Response.json(
        { type: "error.list", errors: [{ code: "rate_limit_exceeded", message: "Exceeded rate limit" }] },
        { status: 429, headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(Math.floor(nowMs / 1_000) + 120) } },
      ),
    unauthorized: () =>
      Response.json({ type: "error.list", errors: [{ code: "unauthorized", message: "Access Token Invalid" }] }, { status: 401 }),
    lists: {
      items: "conversations",
      next: "pages.next.starting_after",
      size: ({ body }) => /"per_page":(\d{1,3})/.exec(body)?.[1],
    },
  },
  async open() {
    const clock = new FakeClock();
    const token = freshToken();
    const fake = await startFakeIntercom({ nowMs: () => clock.now(), token, conversations: 170, comments: 2 });
    const { workspace } = fake;
    return {
      options: { access_token: token, base_url: fake.url, app_id: workspace.seed.appId },
      clock,
      // Each is begun, answered twice, and every second one is closed.
      maxEpisodesPerPage: 50 * 4,
      rawItems: () =>
        workspace.ids.flatMap((id) => {
          const raw = workspace.conversation(id);
          return raw === undefined ? [] : [{ id, raw: { conversation: whole(raw) } }];
        }),
      breakOne: () => workspace.overwrite(workspace.ids[6] ?? "", { created_at: "yesterday" }),
      addOne(at) {
        const seconds = Math.floor(at.getTime() / 1_000);
        workspace.start({ created_at: seconds, updated_at: seconds });
      },
      close: () => fake.close(),
    };
  },
});

describeReceiver({
  connector,
  ...signAs(signature),
  options: (secrets) => ({
    client_secret: secrets.length === 1 ? secrets[0] : secrets,
    app_id: "abc12de3",
    internal_notes: true,
  }),
  samples,
});

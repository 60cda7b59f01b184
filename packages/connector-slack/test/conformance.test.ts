import { describeConnector, describeReceiver, signAs } from "@statewave-connectors/testing";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { connector } from "../src/index.ts";
import { signature } from "../src/webhook/receive.ts";
import { FakeSlack } from "../src/testing/fake-slack.ts";
import { fixture, message } from "./open-receiver.ts";
import { rawItemsOf } from "./raw-items.ts";

describeConnector({
  connector,
  provider: {
    // Whose token it is, which channels there are, and the names in the page.
    maxRequestsPerPage: 6,
    rateLimited: () => new Response('{"ok":false,"error":"ratelimited"}', { status: 429, headers: { "retry-after": "120" } }),
    unauthorized: () => Response.json({ ok: false, error: "invalid_auth" }),
    lists: { items: "messages", more: "has_more", next: "response_metadata.next_cursor", size: "limit" },
    part: "channel",
  },
  async open() {
    const clock = new FakeClock();
    const fake = await FakeSlack.start({
      nowMs: () => clock.now(),
      hasTiers: false,
      channels: 2,
      messages: 350,
      threadEvery: 100,
      users: 2,
    });
    return {
      options: { bot_token: fake.token, base_url: fake.url, min_length: 0 },
      clock,
      maxEpisodesPerPage: 200,
      rawItems: () => rawItemsOf(fake),
      breakOne() {
        const [last] = fake.workspace.channel("C0CHANNEL1").messages.slice(-2);
        // Where it was in the list, and no time.
        if (last !== undefined) last["ts"] = String(last["ts"]).replace(/\d{6}$/, "broken");
      },
      addOne(at) {
        fake.workspace.post("C0CHANNEL1", "one more", { ts: `${Math.floor(at.getTime() / 1_000)}.000007` });
      },
      close: () => fake.close(),
    };
  },
});

const sample = (name: string, payload: Record<string, unknown>, kind: string) => ({
  name,
  body: JSON.stringify(payload),
  ...(typeof payload["event_id"] === "string" ? { id: payload["event_id"] } : {}),
  kinds: [kind],
});

describeReceiver({
  connector,
  ...signAs(signature),
  options: (secrets) => ({ signing_secret: secrets.length === 1 ? secrets[0] : secrets }),
  samples: [
    sample("a message", message(), "slack.message.posted"),
    sample("an edit", fixture("message-changed"), "slack.message.edited"),
    sample("a deletion", fixture("message-deleted"), "slack.message.deleted"),
    sample("a reaction", fixture("reaction-added"), "slack.reaction.added"),
    sample("a pin", fixture("pin-added"), "slack.pin.added"),
    {
      name: "a challenge",
      body: JSON.stringify({ type: "url_verification", challenge: "3eZbrw1aBm2rZgRNFdxV" }),
      received: "respond",
    },
    {
      name: "a notice that events are dropped",
      body: JSON.stringify(fixture("app-rate-limited")),
      received: "respond",
      tellsLoss: true,
    },
    {
      name: "an uninstallation",
      body: JSON.stringify(message({ type: "app_uninstalled" })),
      received: "respond",
      tellsLoss: true,
    },
  ],
});

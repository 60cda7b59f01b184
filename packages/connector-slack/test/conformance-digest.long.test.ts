import { describeConnector } from "@statewave-connectors/testing";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { connector } from "../src/index.ts";
import { FakeSlack } from "../src/testing/fake-slack.ts";

// Without map() and fetchItem(): the text of a thread is made of several items.
const { pull } = connector;
const open: NonNullable<typeof pull>["open"] = (...opened) => {
  const source = pull?.open(...opened);
  if (source?.range === undefined) throw new Error("the connector reads no ranges");
  return {
    pages: (...run) => source.pages(...run),
    range: (...run) => source.range?.(...run) ?? source.pages(undefined, run[2]),
    check: (signal) => source.check?.(signal) ?? Promise.resolve([]),
  };
};

describeConnector({
  connector: { ...connector, ...(pull !== undefined && { pull: { ...pull, open } }) },
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
      options: { bot_token: fake.token, base_url: fake.url, min_length: 0, digest: "thread" },
      clock,
      maxEpisodesPerPage: 200,
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

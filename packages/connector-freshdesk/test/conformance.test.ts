import { describeConnector, describeReceiver, signAs } from "@statewave-connectors/testing";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { connector } from "../src/index.ts";
import { startFakeFreshdesk } from "../src/testing/index.ts";
import { signatureOf } from "../src/webhook/receive.ts";
import { rawItemsOf } from "./raw-items.ts";

const isList = ({ url }: { readonly url: URL }) => /\/(?:tickets|satisfaction_ratings)$/.test(url.pathname);

/** Names are of no part. */
function part({ url }: { readonly url: URL }): string | undefined {
  if (url.pathname.endsWith("/satisfaction_ratings")) return "ratings";
  return /\/(?:tickets|conversations)$/.test(url.pathname) ? "tickets" : undefined;
}

describeConnector({
  connector,
  provider: {
    // A list of tickets, the conversations of ten of them, and the names of both.
    maxRequestsPerPage: 30,
    rateLimited: () =>
      Response.json({ message: "You have exceeded the limit" }, { status: 429, headers: { "retry-after": "47" } }),
    unauthorized: () =>
      Response.json(
        { code: "invalid_credentials", message: "You have to be logged in to perform this action." },
        { status: 401 },
      ),
    lists: { items: "", next: "link", size: "per_page", isFor: isList },
    part,
  },
  async open() {
    const clock = new FakeClock();
    const nowMs = () => clock.now();
    const fake = await startFakeFreshdesk({ nowMs, tickets: 240, replies: 2, agents: 3, companies: 5 });
    for (let id = 1; id <= 20; id += 1) fake.desk.rate(id * 10, 103, `Thanks ${id}`, { created_at: "2025-12-31T10:00:00Z" });
    return {
      options: { domain: "acme", api_key: fake.apiKey, base_url: fake.url },
      clock,
      maxEpisodesPerPage: 130,
      rawItems: () => rawItemsOf(fake.desk),
      absentId: "tickets/999999",
      // It has no requester.
      breakOne: () => void Object.assign(fake.desk.ticket(7), { requester_id: null }),
      addOne: (at) => void fake.desk.addTicket({ created_at: iso(at), updated_at: iso(at) }),
      close: () => fake.close(),
    };
  },
});

const iso = (at: Date) => `${at.toISOString().slice(0, 19)}Z`;

const webhook = (ticket_id: unknown, triggered_event: string, more: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({ ticket_id, triggered_event, ...more });

describeReceiver({
  connector,
  ...signAs(signatureOf({})),
  options: (secrets) => ({ domain: "acme", secret: secrets.length === 1 ? secrets[0] : secrets }),
  samples: [
    { name: "a new ticket", body: webhook("11", "{ticket_action:created}"), kinds: ["freshdesk.webhook.created"] },
    { name: "another status", body: webhook(11, "{status:{from:4,to:6}}"), kinds: ["freshdesk.webhook.status_changed"] },
    {
      name: "a reply in simple content",
      body: JSON.stringify({
        freshdesk_webhook: { ticket_id: "11", triggered_event: "{reply_sent:sent}", ticket_latest_public_comment: "<p>Hi</p>" },
      }),
      kinds: ["freshdesk.webhook.commented"],
    },
    { name: "a deletion", body: webhook("11", "{ticket_action:delete}"), kinds: ["freshdesk.ticket.deleted"] },
    { name: "another priority", body: webhook("11", "{priority:{from:1,to:4}}"), received: "respond" },
  ],
});

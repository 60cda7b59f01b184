import { describeConnector, describeReceiver, signAs } from "@statewave-connectors/testing";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { connector } from "../src/index.ts";
import { envelope, envelopesOf, FakeZendesk, fillDesk, HelpDesk } from "../src/testing/index.ts";
import { signature } from "../src/webhook/receive.ts";
import { rawItemsOf } from "./raw-items.ts";

describeConnector({
  connector,
  provider: {
    // Both exports, tickets, people, organizations and brands.
    maxRequestsPerPage: 6,
    rateLimited: () => Response.json({ error: "TooManyRequests" }, { status: 429, headers: { "retry-after": "93" } }),
    unauthorized: () => Response.json({ error: "Couldn't authenticate you" }, { status: 401 }),
    part: ({ url }) => (url.pathname.includes("/incremental/") ? url.pathname : undefined),
    lists: [
      { items: "tickets", end: "end_of_stream", next: "after_cursor", size: "per_page" },
      { items: "ticket_events", end: "end_of_stream" },
    ],
  },
  async open() {
    const clock = new FakeClock();
    const fake = await FakeZendesk.start({
      now: () => clock.now(),
      exportsPerMinute: 100_000,
      ticketsPerPage: 30,
      eventsPerPage: 100,
    });
    const { desk } = fake;
    fillDesk(desk, { tickets: 80, commentsPerTicket: 2, everySeconds: 7, stepSeconds: 30 });
    for (const [at, ticket] of [...desk.tickets.values()].entries()) {
      if (at % 10 === 0) desk.rate(ticket, "good", `thanks ${at}`, new Date(ticket.updatedS * 1_000));
    }
    return {
      options: { subdomain: "acme", oauth_token: fake.token, base_url: fake.url, exports_per_minute: 1_000 },
      clock,
      maxEpisodesPerPage: 200,
      rawItems: () => rawItemsOf(fake),
      absentId: "ticket:999999",
      breakOne() {
        const [, , , step] = desk.steps;
        if (step !== undefined) fake.patches.set(step.id, { child_events: "none" });
      },
      addOne(at) {
        const [ticket] = desk.tickets.values();
        if (ticket !== undefined) desk.comment(ticket, { body: `added at ${at.toISOString()}`, at });
      },
      close: () => fake.close(),
    };
  },
});

const desk = new HelpDesk(() => Date.parse("2026-01-01T09:00:00Z"));
const ticket = desk.open({ subject: "The printer burns", description: "It is on fire.", tags: ["vip"] });
const [opened] = desk.stepsOf(ticket.id);
const reply = desk.comment(ticket, { body: "Please step back.", files: ["fire.png"], at: new Date("2026-01-01T09:05:00Z") });
const solved = desk.move(ticket, "solved", { at: new Date("2026-01-01T09:09:00Z") });
const bodyOf = (step = opened) => JSON.stringify(step && envelopesOf(step, desk)[0]);
const attached = JSON.stringify(envelopesOf(reply, desk)[1]);
const whole = (type: string) => JSON.stringify(envelope(type, solved, ticket, {}));

describeReceiver({
  connector,
  ...signAs(signature),
  options: (secrets) => ({ subdomain: "acme", signing_secret: secrets.length === 1 ? secrets[0] : secrets }),
  samples: [
    { name: "a new ticket", body: bodyOf(), id: `ticket.created-${opened?.id}`, kinds: ["zendesk.ticket.created"] },
    { name: "a reply", body: bodyOf(reply), id: `ticket.comment_added-${reply.id}`, kinds: ["zendesk.comment.posted"] },
    {
      name: "an attachment",
      body: attached,
      id: `ticket.attachment_linked_to_comment-${(reply.comment?.id ?? 0) * 10}`,
      kinds: ["zendesk.attachment.added"],
    },
    { name: "a solve", body: bodyOf(solved), id: `ticket.status_changed-${solved.id}`, kinds: ["zendesk.ticket.solved"] },
    { name: "a merge", body: whole("ticket.merged"), id: `ticket.merged-${solved.id}`, kinds: ["zendesk.ticket.merged"] },
    {
      name: "a deletion",
      body: whole("ticket.soft_deleted"),
      id: `ticket.soft_deleted-${solved.id}`,
      kinds: ["zendesk.ticket.deleted"],
    },
    { name: "an event that makes no episode", body: whole("ticket.priority_changed"), received: "respond" },
    { name: "an event of a later release", body: whole("ticket.painted"), received: "respond" },
  ],
});

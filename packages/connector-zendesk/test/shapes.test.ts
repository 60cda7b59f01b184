import { createClient } from "node-zendesk";
import { expect, onTestFinished, test } from "vitest";
import { FakeZendesk } from "../src/testing/index.ts";

test("the community's client of Zendesk reads from the fake what the connector reads", async () => {
  const fake = await FakeZendesk.start();
  onTestFinished(() => fake.close());
  const { desk } = fake;
  const ticket = desk.open({ subject: "Printer", description: "It burns.", at: new Date("2025-06-01T09:00:00Z") });
  const step = desk.comment(ticket, { body: "Step back.", status: "solved", at: new Date("2025-06-01T09:01:00Z") });
  const client = createClient({ endpointUri: `${fake.url}/api/v2`, oauth: true, token: fake.token });
  const comment = { type: "Comment", id: step.comment?.id, body: "Step back.", public: true };

  expect(await client.users.me()).toMatchObject({ result: { id: desk.agent, role: "admin" } });
  expect(await client.users.showMany([desk.agent])).toMatchObject({ result: [{ name: "Ada Agent" }] });
  expect(await client.brand.list()).toMatchObject({ result: [{ name: "Acme" }] });
  expect(await client.tickets.show(ticket.id)).toMatchObject({ result: { id: ticket.id, status: "solved" } });
  expect(await client.tickets.showMany([ticket.id])).toMatchObject({ result: [{ subject: "Printer" }] });
  expect(await client.ticketevents.incrementalInclude(0, "comment_events")).toMatchObject([
    { ticket_id: ticket.id, child_events: [{ type: "Comment", body: "It burns." }, {}, {}, {}] },
    { id: step.id, child_events: [comment, { event_type: "Change", status: "solved", previous_value: "new" }, {}] },
  ]);
  expect(await client.ticketaudits.list(ticket.id)).toMatchObject([
    {},
    { id: step.id, events: [comment, { type: "Change", field_name: "status", value: "solved", previous_value: "new" }, {}] },
  ]);
  expect(fake.provider.refused).toEqual([]);
});

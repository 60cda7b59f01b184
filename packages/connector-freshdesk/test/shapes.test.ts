import Freshdesk from "freshdesk-api";
import { expect, test } from "vitest";
import { openSource } from "./open-source.ts";

/** What a call of the client answers. */
function answerOf(call: (done: (error: unknown, answer: unknown) => void) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    call((error, answer) => {
      if (error === null || error === undefined) resolve(answer);
      else reject(error instanceof Error ? error : new Error(JSON.stringify(error)));
    });
  });
}

test("the community's client of Freshdesk reads from the fake what the connector reads", async () => {
  const { fake } = await openSource({ tickets: 3, replies: 1, agents: 1, companies: 1 });
  const { desk } = fake;
  const reply = desk.addConversation(3, { incoming: true });
  desk.setStatus(3, 4);
  const client = new Freshdesk(fake.url, fake.apiKey);
  const since = { updated_since: "2000-01-01T00:00:00Z" };
  const { requester_id: requester, company_id: company } = desk.ticket(3);

  expect(await answerOf((done) => client.currentAgent(done))).toMatchObject({ ticket_scope: 1, contact: { name: "Agent 1" } });
  expect(await answerOf((done) => client.listAllTickets(since, done))).toMatchObject([{ id: 3, status: 4 }, {}, {}]);
  expect(await answerOf((done) => client.getTicket(3, done))).toMatchObject({ id: 3, description_text: expect.any(String) });
  expect(await answerOf((done) => client.listAllConversations(3, done))).toMatchObject([
    { incoming: false, private: false, body_text: expect.any(String) },
    { id: reply, incoming: true, user_id: requester },
  ]);
  expect(await answerOf((done) => client.getContact(requester, done))).toMatchObject({ name: "Customer 3" });
  expect(await answerOf((done) => client.getCompany(Number(company), done))).toMatchObject({ name: "Company 1" });
  expect(await answerOf((done) => client.listAllAgents({ page: 1, per_page: 100 }, done))).toMatchObject([{ available: true }]);
  const fields = await answerOf((done) => client.listAllTicketFields({ type: "default_status" }, done));
  expect(fields).toMatchObject([{ type: "default_status", choices: { 4: ["Resolved", expect.any(String)] } }]);
  expect(fake.refused).toEqual([]);
});

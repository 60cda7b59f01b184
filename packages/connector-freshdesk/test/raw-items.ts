import type { FakeDesk, FakeTicket } from "../src/testing/index.ts";

const nameIn = (rows: ReadonlyMap<number, Readonly<Record<string, unknown>>>, id: unknown) => rows.get(Number(id))?.["name"];

/** Every item of a desk as a dead letter has it. */
export function rawItemsOf(desk: FakeDesk) {
  const requesterOf = ({ requester_id: id }: FakeTicket) => {
    const { name, email } = desk.contacts.get(id) ?? {};
    return { id, name, email, mobile: null, phone: null };
  };
  const briefOf = (ticket: FakeTicket) => {
    const { id, subject, requester_id, company_id } = ticket;
    return { id, subject, requester_id, company_id, requester: { name: requesterOf(ticket).name } };
  };
  const agent = (id: unknown) => {
    const contact = desk.agents.get(Number(id))?.["contact"] as { readonly name?: string } | undefined;
    return contact?.name;
  };
  const tickets = [...desk.tickets.values()];
  return [
    ...tickets.map((ticket) => ({
      id: `tickets/${ticket.id}`,
      raw: {
        of: "ticket",
        ticket: { ...ticket, requester: requesterOf(ticket) },
        names: namesOf({ company: nameIn(desk.companies, ticket["company_id"]), agent: agent(ticket["responder_id"]) }),
      },
    })),
    ...tickets.flatMap((ticket) =>
      (desk.conversations.get(ticket.id) ?? []).map((conversation) => ({
        id: `tickets/${ticket.id}/conversations/${String(conversation["id"])}`,
        raw: {
          of: "conversation",
          ticket: briefOf(ticket),
          conversation,
          names: namesOf({
            company: nameIn(desk.companies, ticket["company_id"]),
            author: conversation["incoming"] === true ? undefined : agent(conversation["user_id"]),
          }),
        },
      })),
    ),
    ...desk.ratings.map((rating) => {
      const ticket = desk.ticket(Number(rating["ticket_id"]));
      const names = namesOf({ company: nameIn(desk.companies, ticket["company_id"]) });
      return {
        id: `tickets/${ticket.id}/ratings/${String(rating["id"])}`,
        raw: { of: "rating", ticket: briefOf(ticket), rating, names },
      };
    }),
  ];
}

function namesOf(names: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(Object.entries(names).filter(([, name]) => name !== undefined));
}

import type { RawItem } from "@statewave-connectors/testing";
import { toRawTicket } from "../src/names/raw-ticket.ts";
import { toTicketFacts } from "../src/names/ticket-facts.ts";
import type { FakeZendesk } from "../src/testing/index.ts";
import { eventRow, ticketRow } from "../src/testing/rows.ts";

/** Every item of a desk as a dead letter keeps it. */
export function rawItemsOf({ desk }: FakeZendesk): readonly RawItem[] {
  const names = {
    ticket: () => undefined,
    user(id: string) {
      const user = desk.users.get(Number(id));
      return user && { name: user.name, role: user.role };
    },
    organization: (id: string) => desk.organizations.get(Number(id)),
    brand: (id: string) => desk.brands.get(Number(id)),
  };
  const factsOf = (id: number) => {
    const ticket = desk.tickets.get(id);
    return ticket === undefined ? {} : toTicketFacts(ticketRow(ticket));
  };
  return [
    ...[...desk.tickets.keys()].map((id) => ({ id: `ticket:${id}`, raw: toRawTicket(factsOf(id), undefined, names) })),
    ...desk.steps.map((step) => ({
      id: `ticket:${step.ticketId}:event:${step.id}`,
      raw: toRawTicket(factsOf(step.ticketId), eventRow(step, { comments: true, creates: true }), names),
    })),
  ];
}

import type { Episode } from "@statewave-connectors/connector-sdk";
import { openReceiver } from "@statewave-connectors/testing";
import { connector } from "../src/index.ts";
import { hourMs, minuteMs, openSource, read } from "./open-source.ts";

/** Webhook payloads by name: `ticket_id` and `triggered_event` as Freshdesk renders them. */
const payloads: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  created: {
    ticket_id: "11",
    triggered_event: "{ticket_action:created}",
    ticket_subject: "Import",
    ticket_description: "<p>It fails.</p>",
  },
  status: { ticket_id: "11", triggered_event: "{status:{from:4,to:6}}", ticket_status: "Waiting on Customer" },
  resolved: { ticket_id: "11", triggered_event: "{status:{from:2,to:4}}", ticket_status: "Resolved" },
  reply: { ticket_id: "11", triggered_event: "{reply_sent:sent}", ticket_latest_public_comment: "<p>Please update.</p>" },
  note: { ticket_id: "11", triggered_event: "{note_type:public}", ticket_latest_public_comment: "Done." },
  deleted: { ticket_id: "11", triggered_event: "{ticket_action:delete}" },
};

/** Episodes of every kind that there is, by a name of their input. */
export async function episodesOfEachKind(): Promise<ReadonlyMap<string, readonly Episode[]>> {
  const made = new Map<string, readonly Episode[]>();
  const { episodesOf } = await openReceiver(connector, { domain: "acme", secret: "s" });
  for (const [name, payload] of Object.entries(payloads)) made.set(`push ${name}`, await episodesOf(JSON.stringify(payload)));

  const { fake, clock, source } = await openSource({ companies: 1, entry: { internal_notes: true } });
  const { desk } = fake;
  const ticket = desk.addTicket({ requester_id: desk.addContact("Ann Lee", [...desk.companies.keys()][0]), subject: "Import" });
  const steps = [
    () => desk.addConversation(ticket),
    () => desk.addConversation(ticket, { incoming: true }),
    () => desk.addConversation(ticket, { private: true, source: 2 }),
    () => desk.setStatus(ticket, 4),
    () => desk.setStatus(ticket, 2),
    () => desk.setStatus(ticket, 6),
    () => desk.rate(ticket, 103, "Thanks"),
    () => desk.setStatus(ticket, 5),
  ];
  for (const step of steps) {
    await clock.advance(minuteMs);
    step();
    const { episodes } = await read(source);
    for (const episode of episodes) made.set(`pull ${episode.kind} ${episode.source.id} ${episode.occurred_at}`, [episode]);
  }
  await clock.advance(hourMs);
  for (const episode of (await read(source)).episodes)
    made.set(`pull ${episode.kind} ${episode.source.id} ${episode.occurred_at}`, [episode]);
  return made;
}

import type { SampleMark, WebhookSample } from "@statewave-connectors/connector-sdk/signature";

/** What a rule of Freshdesk sends when a ticket is created. */
export function samples(_options: unknown, { id }: SampleMark): readonly WebhookSample[] {
  const fields = { ticket_id: "1", triggered_event: "{ticket_action:created}", ticket_subject: `A sample: ${id}` };
  return [{ name: "ticket_action:created", body: JSON.stringify({ freshdesk_webhook: fields }) }];
}

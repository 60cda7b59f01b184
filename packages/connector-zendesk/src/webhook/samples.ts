import type { SampleMark, WebhookSample } from "@statewave-connectors/connector-sdk/signature";
import type { ZendeskPushOptions } from "../push-options.ts";

/** What Zendesk sends when a ticket is created, as far as the entry wants such a ticket. */
export function samples(options: ZendeskPushOptions, { id, atMs }: SampleMark): readonly WebhookSample[] {
  const time = new Date(atMs).toISOString();
  const detail = {
    id: "1",
    subject: `A sample: ${id}`,
    description: "This ticket does not exist. It was made to try a receiver.",
    status: options.statuses?.[0] ?? "new",
    requester_id: "1",
    submitter_id: "1",
    actor_id: "1",
    brand_id: options.brands?.find((brand) => /^\d+$/.test(brand)) ?? "1",
    tags: options.tags?.slice(0, 1) ?? [],
    is_public: true,
    created_at: time,
    updated_at: time,
  };
  const event = { id, type: "zen:event-type:ticket.created", time, zendesk_event_version: "2022-11-06", event: {} };
  return [{ name: "ticket.created", body: JSON.stringify({ ...event, subject: "zen:ticket:1", detail }) }];
}

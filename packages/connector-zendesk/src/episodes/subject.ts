import type { Ticket } from "./records.ts";
import type { Scope } from "./story.ts";

/** Whom a ticket is about. The account stands in it: ids are unique within one account only. */
export function subjectOf(
  { id, requester_id, organization_id }: Pick<Ticket, "id" | "requester_id" | "organization_id">,
  { subdomain, subject_by }: Pick<Scope, "subdomain" | "subject_by">,
): string {
  const account = `zendesk.${subdomain}`;
  if (subject_by === "organization" && organization_id !== undefined) return `organization:${account}.${organization_id}`;
  if (subject_by === "ticket" || requester_id === undefined) return `ticket:${account}.${id}`;
  return `customer:${account}.${requester_id}`;
}

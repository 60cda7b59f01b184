import { canonicalSubject } from "@statewave-connectors/connector-sdk";

/** Whose memory an episode belongs to. */
export const subjectChoices = ["requester", "organization", "ticket"] as const;

export type SubjectBy = (typeof subjectChoices)[number];

/** What of an entry stands in its episodes. */
export interface Account {
  /** The part of the address before `.freshdesk.com`: it stands in subjects, keys and sessions. */
  readonly domain: string;
  readonly subject_by: SubjectBy;
}

/** The ids that a subject can be made of. */
export interface SubjectIds {
  readonly ticketId: string;
  readonly requesterId?: string | undefined;
  readonly companyId?: string | undefined;
}

/** A ticket without a company belongs to its requester. */
export function subjectOf({ domain, subject_by: by }: Account, { ticketId, requesterId, companyId }: SubjectIds): string {
  if (by === "organization" && companyId !== undefined) return canonicalSubject(`organization:freshdesk.${domain}.${companyId}`);
  if (by === "ticket" || requesterId === undefined) return ticketSubject(domain, ticketId);
  return canonicalSubject(`customer:freshdesk.${domain}.${requesterId}`);
}

/** The subject of what is known by its ticket only. */
export function ticketSubject(domain: string, ticketId: string): string {
  return canonicalSubject(`ticket:freshdesk.${domain}.${ticketId}`);
}

/** Where people see a ticket. */
export function ticketUrl(domain: string, ticketId: string): string {
  return `https://${domain}.freshdesk.com/a/tickets/${ticketId}`;
}

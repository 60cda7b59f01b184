/** JSON of Freshdesk. */
export type Json = Record<string, unknown>;

/** What a helpdesk holds at first. */
export interface DeskShape {
  readonly tickets: number;
  /** Public replies of each ticket, the customer's and the agent's in turn. */
  readonly replies: number;
  readonly agents: number;
  readonly companies: number;
}

/** What no document says of a helpdesk. */
export interface DeskHabits {
  /** Whether a merge leaves what was said in the ticket that it closes. Default false: it moves to the other one. */
  readonly mergeLeaves?: boolean;
  /** Whether a rating changes its ticket. Default false. */
  readonly ratingTouches?: boolean;
}

/** A ticket as it is stored. Lists and answers show parts of it. */
export interface FakeTicket extends Json {
  id: number;
  requester_id: number;
  created_at: string;
  updated_at: string;
  status: number;
  stats: Record<string, string | null>;
}

const firstContact = 80_000_000_001;
const firstAgent = 70_000_000_001;
const firstCompany = 90_000_000_001;
const secondMs = 1_000;

const noStats = {
  agent_responded_at: null,
  requester_responded_at: null,
  first_responded_at: null,
  status_updated_at: null,
  reopened_at: null,
  resolved_at: null,
  closed_at: null,
  pending_since: null,
};

/** One helpdesk. Its clock is given; what happens takes effect at once. */
export class FakeDesk {
  readonly tickets = new Map<number, FakeTicket>();
  readonly conversations = new Map<number, Json[]>();
  readonly contacts = new Map<number, Json>();
  readonly agents = new Map<number, Json>();
  readonly companies = new Map<number, Json>();
  readonly ratings: Json[] = [];
  /** By number: the agents' name and the customers'. */
  readonly statuses = new Map<number, readonly [string, string]>([
    [2, ["Open", "Being Processed"]],
    [3, ["Pending", "Awaiting your Reply"]],
    [4, ["Resolved", "This ticket has been Resolved"]],
    [5, ["Closed", "This ticket has been Closed"]],
    [6, ["Waiting on Customer", "Awaiting your Reply"]],
  ]);
  readonly #now: () => number;
  readonly #habits: DeskHabits;
  #lastTicket = 0;
  #lastConversation = 50_000_000_000;
  #lastRating = 0;
  #sorted: readonly FakeTicket[] | undefined;

  constructor(shape: DeskShape, now: () => number, habits: DeskHabits = {}) {
    this.#now = now;
    this.#habits = habits;
    for (let at = 0; at < shape.agents; at += 1) this.addAgent(`Agent ${at + 1}`);
    for (let at = 0; at < shape.companies; at += 1) this.addCompany(`Company ${at + 1}`);
    // A minute apart, and the last one an hour ago.
    const firstMs = now() - 3_600_000 - shape.tickets * 60_000;
    for (let at = 0; at < shape.tickets; at += 1) this.#fill(at, firstMs + at * 60_000, shape);
  }

  /** A customer, or what is known of one. */
  addContact(name: string, companyId?: number): number {
    const id = firstContact + this.contacts.size;
    this.contacts.set(id, { id, name, email: `c${id}@example.com`, company_id: companyId ?? null, active: true });
    return id;
  }

  addAgent(name: string): number {
    const id = firstAgent + this.agents.size;
    this.agents.set(id, { id, ticket_scope: 1, available: true, contact: { name, email: `a${id}@acme.example`, active: true } });
    return id;
  }

  addCompany(name: string): number {
    const id = firstCompany + this.companies.size;
    this.companies.set(id, { id, name, domains: [] });
    return id;
  }

  /** A new ticket; `fields` replace what is invented. */
  addTicket(fields: Json = {}): number {
    this.#lastTicket += 1;
    const id = this.#lastTicket;
    const requester_id = typeof fields["requester_id"] === "number" ? fields["requester_id"] : this.addContact(`Customer ${id}`);
    const at = this.#at();
    this.tickets.set(id, {
      id,
      requester_id,
      subject: `Question ${id}`,
      description: `<div>Words of <b>ticket ${id}</b>, marker:${id}:0</div>`,
      description_text: `Words of ticket ${id}, marker:${id}:0`,
      status: 2,
      priority: 1,
      source: 1,
      type: null,
      responder_id: null,
      company_id: this.contacts.get(requester_id)?.["company_id"] ?? null,
      spam: false,
      tags: [],
      created_at: at,
      updated_at: at,
      ...fields,
      stats: { ...noStats, ...(fields["stats"] as Record<string, string> | undefined) },
    });
    this.#sorted = undefined;
    return id;
  }

  /** A reply or a note; `fields` replace what is invented. */
  addConversation(ticketId: number, fields: Json = {}): number {
    const ticket = this.ticket(ticketId);
    this.#lastConversation += 1;
    const id = this.#lastConversation;
    const list = this.conversations.get(ticketId) ?? [];
    const incoming = fields["incoming"] === true;
    const at = this.#at();
    const words = `Reply ${list.length + 1} in ticket ${ticketId}, marker:${ticketId}:${id}`;
    list.push({
      id,
      body: `<div>${words}</div>`,
      body_text: words,
      incoming,
      private: false,
      source: 0,
      user_id: incoming ? ticket.requester_id : ([...this.agents.keys()][list.length % Math.max(1, this.agents.size)] ?? null),
      support_email: null,
      from_email: incoming ? `"Customer ${ticketId}" <c${ticketId}@example.com>` : "support@acme.example",
      to_emails: [],
      attachments: [],
      ticket_id: ticketId,
      created_at: at,
      updated_at: at,
      ...fields,
    });
    this.conversations.set(ticketId, list);
    ticket.stats[incoming ? "requester_responded_at" : "agent_responded_at"] = at;
    this.#touched(ticket, typeof fields["created_at"] === "string" ? fields["created_at"] : at);
    return id;
  }

  setStatus(ticketId: number, status: number): void {
    const ticket = this.ticket(ticketId);
    const at = this.#at();
    const wasOver = ticket.status === 4 || ticket.status === 5;
    ticket.status = status;
    ticket.stats["status_updated_at"] = at;
    if (status === 4) ticket.stats["resolved_at"] = at;
    if (status === 5) ticket.stats["closed_at"] = at;
    if (wasOver && status < 4) Object.assign(ticket.stats, { reopened_at: at, resolved_at: null, closed_at: null });
    this.#touched(ticket, at);
  }

  rate(ticketId: number, value: number, feedback = "", fields: Json = {}): number {
    this.#lastRating += 1;
    const ticket = this.ticket(ticketId);
    const at = this.#at();
    this.ratings.push({
      id: this.#lastRating,
      survey_id: 1,
      user_id: ticket.requester_id,
      agent_id: ticket["responder_id"],
      group_id: null,
      ticket_id: ticketId,
      feedback: feedback === "" ? null : feedback,
      created_at: at,
      updated_at: at,
      ratings: { default_question: value },
      ...fields,
    });
    const ratedAt = typeof fields["created_at"] === "string" ? fields["created_at"] : at;
    if (this.#habits.ratingTouches === true) this.#touched(ticket, ratedAt);
    return this.#lastRating;
  }

  /** Closes a ticket with a note, and moves what was said in it to another one. */
  merge(from: number, into: number): void {
    if (this.#habits.mergeLeaves !== true) this.#moveConversations(from, into);
    this.addConversation(from, { private: true, source: 2, body_text: `This ticket is closed and merged into ticket ${into}` });
    this.addConversation(into, { private: true, source: 2, body_text: `Ticket ${from} is merged into this ticket` });
    this.setStatus(from, 5);
  }

  #moveConversations(from: number, into: number): void {
    const moved = this.conversations.get(from) ?? [];
    const kept = this.conversations.get(into) ?? [];
    for (const conversation of moved) conversation["ticket_id"] = into;
    this.conversations.set(into, [...kept, ...moved]);
    this.conversations.set(from, []);
  }

  /** Deleted tickets vanish from the list. */
  delete(ticketId: number): void {
    this.tickets.delete(ticketId);
    this.conversations.delete(ticketId);
    this.#sorted = undefined;
  }

  /** Changes fields of a ticket, which is then changed now. */
  update(ticketId: number, fields: Json = {}): void {
    const ticket = this.ticket(ticketId);
    Object.assign(ticket, fields);
    this.#touched(ticket, typeof fields["updated_at"] === "string" ? fields["updated_at"] : this.#at());
  }

  ticket(id: number): FakeTicket {
    const ticket = this.tickets.get(id);
    if (ticket === undefined) throw new Error(`there is no ticket ${id}`);
    return ticket;
  }

  /** By the time of the last change, oldest first. */
  sorted(): readonly FakeTicket[] {
    this.#sorted ??= [...this.tickets.values()].toSorted(
      (left, right) => compare(left.updated_at, right.updated_at) || left.id - right.id,
    );
    return this.#sorted;
  }

  #fill(at: number, ms: number, { replies, agents, companies }: DeskShape): void {
    const time = (laterMs: number) => isoOf(ms + laterMs);
    const company = companies === 0 ? undefined : firstCompany + (at % companies);
    const requester_id = this.addContact(`Customer ${at + 1}`, company);
    const responder_id = agents === 0 ? null : firstAgent + (at % agents);
    const id = this.addTicket({ requester_id, responder_id, created_at: time(0), updated_at: time(0) });
    for (let reply = 0; reply < replies; reply += 1) {
      this.addConversation(id, { incoming: reply % 2 === 1, created_at: time((reply + 1) * 2 * secondMs) });
    }
  }

  #touched(ticket: FakeTicket, at: string): void {
    ticket.updated_at = at;
    this.#sorted = undefined;
  }

  #at(): string {
    return isoOf(this.#now());
  }
}

/** Freshdesk's times have no fractions. */
function isoOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

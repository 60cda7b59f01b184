/** A person who requests tickets or works on them. */
export interface FakeUser {
  readonly id: number;
  name: string;
  role: "end-user" | "agent" | "admin";
}

/** A ticket as it is now. */
export interface FakeTicket {
  readonly id: number;
  readonly createdS: number;
  subject: string;
  readonly description: string;
  /** Of the first comment: Zendesk names it `is_public` of the ticket as long as there is no other. */
  readonly isPublic: boolean;
  status: string;
  requesterId: number;
  readonly submitterId: number;
  readonly organizationId: number | null;
  readonly brandId: number;
  tags: readonly string[];
  rating: { readonly id?: number; readonly score: string; readonly comment?: string };
  updatedS: number;
}

export interface FakeComment {
  readonly id: number;
  readonly authorId: number;
  body: string;
  html?: string | undefined;
  readonly isPublic: boolean;
  readonly files: readonly string[];
}

/** One step in the life of a ticket: an audit, and an event of the export. */
export interface FakeStep {
  readonly id: number;
  readonly ticketId: number;
  readonly atS: number;
  /** -1: Zendesk itself. */
  readonly by: number;
  readonly isFirst: boolean;
  /** Of the ticket, behind this step. */
  readonly statusAfter: string;
  readonly comment?: FakeComment;
  readonly status?: { readonly from: string; readonly to: string };
  /** The id of a comment whose words were taken out. */
  readonly redacted?: number;
  /** The id of a comment that only agents see from then on. */
  readonly hidden?: number;
  /** A file that was taken out of a comment. */
  readonly fileRedacted?: { readonly comment: number; readonly attachment: number };
}

export interface NewTicket {
  readonly subject?: string;
  readonly description?: string;
  readonly html?: string;
  readonly requester?: number;
  readonly submitter?: number;
  readonly organization?: number | null;
  readonly brand?: number;
  readonly tags?: readonly string[];
  readonly status?: string;
  readonly isPublic?: boolean;
  readonly at?: Date;
}

export interface NewComment {
  readonly by?: number;
  readonly body?: string;
  readonly html?: string;
  readonly isPublic?: boolean;
  readonly files?: readonly string[];
  /** With the comment, as an agent submits both. */
  readonly status?: string;
  readonly at?: Date;
}

/** An account with its tickets, and what people do in it. */
export class HelpDesk {
  readonly users = new Map<number, FakeUser>();
  readonly organizations = new Map<number, string>();
  readonly brands = new Map<number, string>();
  readonly tickets = new Map<number, FakeTicket>();
  /** Whether deletions and restorations are steps in the life of a ticket. */
  deletionSteps = false;
  /** Whether a ticket that is merged into another one is tagged. */
  mergeTags = true;
  readonly #statusBefore = new Map<number, string>();
  readonly #steps: FakeStep[] = [];
  readonly #now: () => number;
  #nextId = 1_001;
  #order: readonly FakeTicket[] | undefined;
  #isInOrder = true;
  readonly agent: number;
  readonly customer: number;
  readonly organization: number;
  readonly brand: number;

  /** @param now Epoch milliseconds. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.agent = this.addUser("Ada Agent", "admin");
    this.customer = this.addUser("Carl Customer");
    this.organization = this.addOrganization("Globex");
    this.brand = this.addBrand("Acme");
  }

  addUser(name: string, role: FakeUser["role"] = "end-user"): number {
    const id = this.#id();
    this.users.set(id, { id, name, role });
    return id;
  }

  addOrganization(name: string): number {
    const id = this.#id();
    this.organizations.set(id, name);
    return id;
  }

  addBrand(name: string): number {
    const id = this.#id();
    this.brands.set(id, name);
    return id;
  }

  /** Opens a ticket; its first comment is the description. */
  open(given: NewTicket = {}): FakeTicket {
    const id = this.#id();
    const atS = this.#seconds(given.at);
    const { requester = this.customer, submitter = requester, description = `words of ticket ${id}`, isPublic = true } = given;
    const ticket: FakeTicket = {
      id,
      createdS: atS,
      subject: given.subject ?? `Ticket ${id}`,
      description,
      isPublic,
      status: given.status ?? "new",
      requesterId: requester,
      submitterId: submitter,
      organizationId: given.organization === undefined ? this.organization : given.organization,
      brandId: given.brand ?? this.brand,
      tags: given.tags ?? [],
      rating: { score: "unoffered" },
      updatedS: atS,
    };
    this.tickets.set(id, ticket);
    const comment = { id: this.#id(), authorId: submitter, body: description, html: given.html, isPublic, files: [] };
    const status = { from: "", to: ticket.status };
    this.#step({ ticketId: id, atS, by: submitter, isFirst: true, statusAfter: status.to, comment, status });
    return ticket;
  }

  comment(ticket: FakeTicket, given: NewComment = {}): FakeStep {
    const { by = this.agent, isPublic = true, files = [], html, status } = given;
    const id = this.#id();
    const comment = { id, authorId: by, body: given.body ?? `words of comment ${id}`, html, isPublic, files };
    return this.#update(ticket, by, given.at, { comment, ...(status !== undefined && { status: this.#move(ticket, status) }) });
  }

  move(ticket: FakeTicket, status: string, { by = this.agent, at }: { readonly by?: number; readonly at?: Date } = {}): FakeStep {
    return this.#update(ticket, by, at, { status: this.#move(ticket, status) });
  }

  /** Takes the words of a comment out, wherever they are shown. */
  redact(
    ticket: FakeTicket,
    comment: number,
    { by = this.agent, at }: { readonly by?: number; readonly at?: Date } = {},
  ): FakeStep {
    const said = this.#steps.find((step) => step.comment?.id === comment)?.comment;
    if (said !== undefined) Object.assign(said, { body: "▇".repeat(said.body.length), html: undefined });
    return this.#update(ticket, by, at, { redacted: comment });
  }

  /** Takes a comment out of what the customer sees. */
  hide(
    ticket: FakeTicket,
    comment: number,
    { by = this.agent, at }: { readonly by?: number; readonly at?: Date } = {},
  ): FakeStep {
    return this.#update(ticket, by, at, { hidden: comment });
  }

  /** Takes a file out of a comment. */
  redactFile(
    ticket: FakeTicket,
    fileRedacted: { readonly comment: number; readonly attachment: number },
    { by = this.agent, at }: { readonly by?: number; readonly at?: Date } = {},
  ): FakeStep {
    return this.#update(ticket, by, at, { fileRedacted });
  }

  /** Ratings change a ticket and leave no step that is read. */
  rate(ticket: FakeTicket, score: string, comment?: string, at?: Date): void {
    ticket.rating = { id: this.#id(), score, ...(comment !== undefined && { comment }) };
    this.#touch(ticket, this.#seconds(at));
  }

  /** Zendesk tags and closes the ticket that is merged, and says so in a comment that only agents see. */
  merge(
    ticket: FakeTicket,
    into: FakeTicket,
    { by = this.agent, at }: { readonly by?: number; readonly at?: Date } = {},
  ): FakeStep {
    if (this.mergeTags) ticket.tags = [...ticket.tags, "closed_by_merge"];
    const body = `This request was closed and merged into request #${into.id}`;
    return this.comment(ticket, { by, body, isPublic: false, status: "closed", ...(at !== undefined && { at }) });
  }

  /** A deleted ticket stays in the export. */
  remove(ticket: FakeTicket, at?: Date): void {
    this.#statusBefore.set(ticket.id, ticket.status);
    this.#moveSilently(ticket, "deleted", at);
  }

  /** Takes a deletion back. */
  restore(ticket: FakeTicket, at?: Date): void {
    this.#moveSilently(ticket, this.#statusBefore.get(ticket.id) ?? "open", at);
  }

  /** By the time of the last change, as the export has them. */
  get ticketsInOrder(): readonly FakeTicket[] {
    this.#order ??= [...this.tickets.values()].toSorted((a, b) => a.updatedS - b.updatedS || a.id - b.id);
    return this.#order;
  }

  get steps(): readonly FakeStep[] {
    if (!this.#isInOrder) this.#steps.sort((a, b) => a.atS - b.atS || a.id - b.id);
    this.#isInOrder = true;
    return this.#steps;
  }

  stepsOf(ticketId: number): readonly FakeStep[] {
    return this.steps.filter((step) => step.ticketId === ticketId);
  }

  #update(
    ticket: FakeTicket,
    by: number,
    at: Date | undefined,
    what: Pick<FakeStep, "comment" | "status" | "redacted" | "hidden" | "fileRedacted">,
  ): FakeStep {
    const atS = this.#seconds(at);
    this.#touch(ticket, atS);
    return this.#step({ ticketId: ticket.id, atS, by, isFirst: false, statusAfter: ticket.status, ...what });
  }

  #moveSilently(ticket: FakeTicket, to: string, at: Date | undefined): void {
    if (this.deletionSteps) this.move(ticket, to, at === undefined ? {} : { at });
    else {
      ticket.status = to;
      this.#touch(ticket, this.#seconds(at));
    }
  }

  #move(ticket: FakeTicket, to: string) {
    const from = ticket.status;
    ticket.status = to;
    return { from, to };
  }

  #touch(ticket: FakeTicket, atS: number): void {
    ticket.updatedS = Math.max(ticket.updatedS, atS);
    this.#order = undefined;
  }

  #step(step: Omit<FakeStep, "id">): FakeStep {
    const made = { id: this.#id(), ...step };
    const last = this.#steps.at(-1);
    this.#isInOrder &&= last === undefined || last.atS <= made.atS;
    this.#steps.push(made);
    this.#order = undefined;
    return made;
  }

  #seconds(at: Date | undefined): number {
    return Math.floor((at?.getTime() ?? this.#now()) / 1_000);
  }

  #id(): number {
    this.#nextId += 1;
    return this.#nextId;
  }
}

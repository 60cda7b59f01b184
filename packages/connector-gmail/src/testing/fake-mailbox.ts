import { type FakeMail, type FakeMessage, rootOf } from "./fake-message.ts";

/** What a record of the history holds besides its id. */
export interface FakeRecord {
  readonly id: bigint;
  readonly type: "messagesAdded" | "messagesDeleted" | "labelsAdded" | "labelsRemoved";
  readonly changes: readonly FakeChange[];
}

export interface FakeChange {
  readonly message: FakeMessage;
  /** Those of the message then. */
  readonly labelIds: readonly string[];
  /** Those that were added or removed. */
  readonly changed: readonly string[];
}

const systemLabels = "INBOX SENT DRAFT SPAM TRASH UNREAD STARRED IMPORTANT CHAT CATEGORY_PERSONAL CATEGORY_PROMOTIONS".split(" ");

/** One mailbox. Its clock is given; what happens takes effect at once and is a record of its history. */
export class FakeMailbox {
  readonly address: string;
  readonly messages = new Map<string, FakeMessage>();
  /** Messages that Gmail cannot return. */
  readonly broken = new Set<string>();
  readonly labels = new Map<string, string>(systemLabels.map((id) => [id, id]));
  /** Called behind each change. */
  onChange: () => void = () => undefined;
  readonly #now: () => number;
  #records: FakeRecord[] = [];
  #historyId: bigint;
  #oldest = 0n;
  #count = 0;
  #labelCount = 0;
  #sorted: readonly FakeMessage[] | undefined;

  /** @param firstHistoryId Ids have 64 bits: those of a test may lie beyond 2^53. */
  constructor(address: string, now: () => number, firstHistoryId = 9_007_199_254_741_000n) {
    this.address = address;
    this.#now = now;
    this.#historyId = firstHistoryId;
  }

  get historyId(): bigint {
    return this.#historyId;
  }

  /** A mail that came in. */
  receive(mail: FakeMail = {}): string {
    return this.#add({ to: this.address, ...mail, labelIds: mail.labelIds ?? ["INBOX", "UNREAD", "CATEGORY_PERSONAL"] });
  }

  /** A mail that the owner sent. */
  send(mail: FakeMail = {}): string {
    return this.#add({ from: this.address, to: "ann@example.com", ...mail, labelIds: mail.labelIds ?? ["SENT"] });
  }

  /** Several mails in one record, as an import makes them. */
  importMails(mails: readonly FakeMail[]): readonly string[] {
    const messages = mails.map((mail) => this.#make({ to: this.address, ...mail, labelIds: mail.labelIds ?? ["INBOX"] }));
    this.#record(
      "messagesAdded",
      messages.map((message) => ({ message, labelIds: [...message.labelIds], changed: [] })),
    );
    return messages.map(({ id }) => id);
  }

  draft(mail: FakeMail = {}): string {
    return this.#add({ from: this.address, ...mail, labelIds: ["DRAFT"] });
  }

  /** A draft is stored anew with every change. */
  editDraft(id: string): string {
    this.delete(id);
    return this.draft();
  }

  addLabels(id: string, ...labelIds: readonly string[]): void {
    const message = this.message(id);
    for (const label of labelIds) message.labelIds.add(label);
    this.#sorted = undefined;
    this.#record("labelsAdded", [{ message, labelIds: [...message.labelIds], changed: labelIds }]);
  }

  removeLabels(id: string, ...labelIds: readonly string[]): void {
    const message = this.message(id);
    for (const label of labelIds) message.labelIds.delete(label);
    this.#record("labelsRemoved", [{ message, labelIds: [...message.labelIds], changed: labelIds }]);
  }

  trash(id: string): void {
    const message = this.message(id);
    message.labelIds.delete("INBOX");
    message.labelIds.add("TRASH");
    this.#record("labelsAdded", [{ message, labelIds: [...message.labelIds], changed: ["TRASH"] }]);
    this.#record("labelsRemoved", [{ message, labelIds: [...message.labelIds], changed: ["INBOX"] }]);
  }

  /** For good. */
  delete(id: string): void {
    const message = this.message(id);
    this.messages.delete(id);
    this.#sorted = undefined;
    this.#record("messagesDeleted", [{ message, labelIds: [...message.labelIds], changed: [] }]);
  }

  createLabel(name: string): string {
    this.#labelCount += 1;
    const id = `Label_${this.#labelCount}`;
    this.labels.set(id, name);
    return id;
  }

  /** Gmail keeps records for about a week. `isEvenLast`: not even the present id is valid any more. */
  forgetHistory(isEvenLast = false): void {
    this.#oldest = isEvenLast ? this.#historyId + 1n : this.#historyId;
    this.#records = [];
  }

  message(id: string): FakeMessage {
    const message = this.messages.get(id);
    if (message === undefined) throw new Error(`there is no message ${id}`);
    return message;
  }

  /** Newest first. */
  sorted(): readonly FakeMessage[] {
    this.#sorted ??= [...this.messages.values()].toSorted(
      (left, right) => right.internalDateMs - left.internalDateMs || (left.id < right.id ? 1 : -1),
    );
    return this.#sorted;
  }

  /** The records behind an id; undefined: Gmail has forgotten it. */
  recordsBehind(id: bigint): readonly FakeRecord[] | undefined {
    if (id < this.#oldest || id === 0n) return undefined;
    return this.#records.filter((record) => record.id > id);
  }

  #add(mail: FakeMail): string {
    const message = this.#make(mail);
    this.#record("messagesAdded", [{ message, labelIds: [...message.labelIds], changed: [] }]);
    return message.id;
  }

  #make(mail: FakeMail): FakeMessage {
    this.#count += 1;
    const n = this.#count;
    const id = (0x18c0_0000_0000_0000n + BigInt(n) * 0x1_0001n).toString(16);
    const atMs = mail.atMs ?? this.#now();
    const { messageId = `mail-${n}@mail.example.com` } = mail;
    const headers: (readonly [string, string])[] = [
      ["From", mail.from ?? `Customer ${n} <customer-${n}@example.com>`],
      ["To", mail.to ?? this.address],
      ...(mail.cc === undefined ? [] : [["Cc", mail.cc] as const]),
      ["Subject", mail.subject ?? `Question ${n}`],
      ...(mail.headers?.some(([name]) => name === "Date") === true ? [] : [["Date", new Date(atMs).toUTCString()] as const]),
      ...(messageId === null ? [] : [["Message-ID", `<${messageId}>`] as const]),
      ...(mail.headers ?? []),
    ];
    const message: FakeMessage = {
      id,
      threadId: mail.threadId ?? id,
      labelIds: new Set(mail.labelIds),
      internalDateMs: atMs,
      arrivedMs: this.#now(),
      headers,
      root: rootOf({ text: `Words of mail ${n}, marker:${n}.`, ...mail }),
      historyId: this.#historyId,
    };
    this.messages.set(id, message);
    this.#sorted = undefined;
    return message;
  }

  /** Ids grow with gaps. */
  #record(type: FakeRecord["type"], changes: readonly FakeChange[]): void {
    this.#historyId += BigInt(7 + (this.#records.length % 5));
    for (const { message } of changes) message.historyId = this.#historyId;
    this.#records.push({ id: this.#historyId, type, changes });
    this.onChange();
  }
}

import type { Json, Raw } from "./raw.ts";
import {
  adminOf,
  contactId,
  contactOf,
  type Seed,
  seededConversation,
  seededId,
  seededNumber,
  seededUpdate,
} from "./seeded-conversation.ts";

export interface WorkspaceOptions extends Partial<Seed> {
  /** Epoch milliseconds. */
  readonly nowMs?: () => number;
  /** Webhooks give plain text since version 2.15, and HTML before. Default: plain text. */
  readonly webhookBodies?: "plain" | "html";
  /** Which parts of its conversation a notification holds. Default: those of its event. */
  readonly notifiedParts?: "event" | "all";
}

/** What stands in the place of a message whose words were taken out. */
const deletedBody = "<p><i>This message was deleted</i></p>";

/** What Intercom posts to a receiver. */
export interface Notification {
  readonly topic: string;
  readonly body: string;
}

/** A conversation in the index, and when it changed last. */
export interface WorkspaceEntry {
  readonly id: string;
  readonly at: number;
}

/** A workspace of Intercom. What is done in it returns the webhook that Intercom sends of it. */
export class FakeWorkspace {
  readonly seed: Seed;
  readonly #options: WorkspaceOptions;
  readonly #changed = new Map<string, Raw>();
  readonly #deleted = new Map<string, number>();
  /** By the time of the last change, oldest first. */
  #entries: WorkspaceEntry[];
  #added = 0;
  #notifications = 0;

  constructor(options: WorkspaceOptions = {}) {
    const { appId = "abc12de3", conversations = 0, comments = 3, firstSeconds = 1_735_689_600, everySeconds = 60 } = options;
    this.#options = options;
    this.seed = { appId, conversations, comments, firstSeconds, everySeconds };
    this.#entries = Array.from({ length: conversations }, (_, number) => ({
      id: seededId(number),
      at: seededUpdate(this.seed, number),
    }));
  }

  get nowSeconds(): number {
    return Math.floor((this.#options.nowMs ?? Date.now)() / 1_000);
  }

  /** Ids of all conversations, by the time of the last change. */
  get ids(): readonly string[] {
    return this.#entries.map(({ id }) => id);
  }

  /** Conversations that changed at `from` or later, as far as the index knows them until `to`: one after the other, oldest change first. */
  *search(from: number, to: number): Generator<WorkspaceEntry, void, undefined> {
    for (let at = this.#firstFrom(from); at < this.#entries.length; at += 1) {
      const entry = this.#entries[at];
      if (entry === undefined || entry.at > to) return;
      yield entry;
    }
  }

  /** How many conversations changed from `from` to `to`. */
  count(from: number, to: number): number {
    return Math.max(0, this.#firstFrom(to + 1) - this.#firstFrom(from));
  }

  /** The place of the first conversation that changed at `from` or later. */
  #firstFrom(from: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#entries[middle]?.at ?? Infinity) < from) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Undefined: there is none. */
  conversation(id: string): Raw | undefined {
    const known = this.#changed.get(id);
    if (known !== undefined || this.#deleted.has(id)) return known;
    const number = seededNumber(this.seed, id);
    return number === undefined ? undefined : seededConversation(this.seed, number);
  }

  /** A contact begins a conversation. `fields` replace those of the API. */
  start(fields: Json = {}, source: Json = {}, topic = "conversation.user.created"): Notification & { readonly id: string } {
    this.#added += 1;
    const id = String(900_000_000_000 + this.#added);
    const now = this.nowSeconds;
    const template = seededConversation({ ...this.seed, comments: 0 }, 1);
    const raw: Raw = {
      ...template,
      id,
      created_at: now,
      updated_at: now,
      parts: [],
      contacts: { type: "contact.list", contacts: [{ type: "contact", id: contactId(this.#added), external_id: null }] },
      ...fields,
      source: { ...(template["source"] as Json), author: contactOf(this.#added), body: "<p>Hello</p>", ...source },
    };
    this.#changed.set(id, raw);
    this.#touch(raw);
    return { ...this.#notify(topic, raw, []), id };
  }

  /** A customer or an agent writes. */
  reply(id: string, part: Json = {}): Notification {
    const raw = this.#edit(id);
    const author = "author" in part ? (part["author"] as Json | null) : adminOf(1);
    const topic =
      { user: "user.replied", lead: "user.replied", bot: "operator.replied" }[String(author?.["type"])] ?? "admin.replied";
    return this.#notify(`conversation.${topic}`, raw, [
      this.#part(raw, { part_type: "comment", body: "<p>A reply</p>", ...part, author }),
    ]);
  }

  note(id: string, part: Json = {}): Notification {
    const raw = this.#edit(id);
    const added = this.#part(raw, { part_type: "note", body: "<p>A note</p>", author: adminOf(1), ...part });
    return this.#notify("conversation.admin.noted", raw, [added]);
  }

  close(id: string, part: Json = {}): Notification {
    const raw = this.#edit(id);
    const added = this.#part(raw, { part_type: "close", body: null, author: adminOf(1), ...part });
    Object.assign(raw, { state: "closed", open: false, statistics: { last_close_at: added["created_at"] } });
    return this.#notify("conversation.admin.closed", raw, [added]);
  }

  reopen(id: string, part: Json = {}): Notification {
    const raw = this.#edit(id);
    const added = this.#part(raw, { part_type: "open", body: null, author: adminOf(1), ...part });
    Object.assign(raw, { state: "open", open: true });
    return this.#notify("conversation.admin.opened", raw, [added]);
  }

  assign(id: string, part: Json = {}): Notification {
    const raw = this.#edit(id);
    return this.#notify("conversation.admin.assigned", raw, [
      this.#part(raw, { part_type: "assignment", body: null, author: adminOf(1), ...part }),
    ]);
  }

  rate(id: string, rating: number, remark: string | null = null): Notification {
    const raw = this.#edit(id);
    const now = this.nowSeconds;
    Object.assign(raw, { conversation_rating: { rating, remark, created_at: now - 60, updated_at: now } });
    return this.#notify("conversation.rating.added", raw, []);
  }

  /** Takes the words out of a part. */
  redact(id: string, partId: string): Notification {
    const raw = this.#edit(id);
    const part = raw.parts.find((each) => each["id"] === partId);
    if (part === undefined) throw new Error(`conversation ${id} has no part ${partId}`);
    Object.assign(part, { redacted: true, body: deletedBody, attachments: [], updated_at: this.nowSeconds });
    return this.#notify("conversation_part.redacted", raw, [part]);
  }

  /** Takes the words out of the first message. */
  redactSource(id: string): void {
    const raw = this.#edit(id);
    const source = raw["source"] as Json;
    Object.assign(raw, { source: { ...source, redacted: true, body: deletedBody, attachments: [] } });
  }

  /** Merges a conversation into another one, which remains. */
  merge(id: string, into: string): Notification {
    const operator = { type: "bot", id: "278", name: "Operator", email: "operator@intercom.io" };
    const away = this.#edit(id);
    this.#part(away, { part_type: "merged_secondary_conversation", body: null, author: operator });
    Object.assign(away, { state: "closed", open: false });
    const kept = this.#edit(into);
    const added = this.#part(kept, { part_type: "merged_primary_conversation", body: null, author: operator });
    return this.#notify("conversation.admin.assigned", kept, [added]);
  }

  /** Replaces fields of a conversation without any change of its time, so that tests can break it. */
  overwrite(id: string, fields: Json): void {
    const raw = this.conversation(id);
    if (raw !== undefined) this.#changed.set(id, { ...raw, ...fields });
  }

  remove(id: string): Notification {
    this.#changed.delete(id);
    this.#deleted.set(id, this.nowSeconds);
    this.#entries = this.#entries.filter((entry) => entry.id !== id);
    return this.notification("conversation.deleted", { type: "conversation", conversation_id: id });
  }

  /** Any notification of this workspace. */
  notification(topic: string, item: Json, fields: Json = {}): Notification {
    this.#notifications += 1;
    const body = {
      type: "notification_event",
      id: `notif_${this.#notifications}`,
      app_id: this.seed.appId,
      topic,
      created_at: this.nowSeconds,
      delivery_attempts: 1,
      first_sent_at: this.nowSeconds,
      data: { type: "notification_event_data", item },
      ...fields,
    };
    return { topic, body: JSON.stringify(body) };
  }

  #edit(id: string): Raw {
    const raw = this.conversation(id);
    if (raw === undefined) throw new Error(`there is no conversation ${id}`);
    this.#changed.set(id, raw);
    raw.updated_at = this.nowSeconds;
    this.#touch(raw);
    return raw;
  }

  #touch({ id, updated_at: at }: Raw): void {
    const entries = this.#entries.filter((entry) => entry.id !== id);
    const behind = entries.findIndex((entry) => entry.at > at || (entry.at === at && Number(entry.id) > Number(id)));
    entries.splice(behind === -1 ? entries.length : behind, 0, { id, at });
    this.#entries = entries;
  }

  #part(raw: Raw, fields: Json): Json {
    this.#added += 1;
    const now = this.nowSeconds;
    const part = {
      type: "conversation_part",
      id: String(700_000_000 + this.#added),
      created_at: now,
      updated_at: now,
      notified_at: now,
      attachments: [],
      redacted: false,
      external_id: null,
      ...fields,
    };
    raw.parts.push(part);
    return part;
  }

  /** The conversation with the parts of the event. */
  #notify(topic: string, { parts: all, ...head }: Raw, ofEvent: readonly Json[]): Notification {
    const parts = this.#options.notifiedParts === "all" ? all : ofEvent;
    const item = {
      ...head,
      conversation_parts: { type: "conversation_part.list", conversation_parts: parts, total_count: parts.length },
    };
    return this.notification(topic, this.#options.webhookBodies === "html" ? item : (withPlainBodies(item) as Json));
  }
}

/** The same with bodies as plain text. */
function withPlainBodies(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => withPlainBodies(each));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, field]) => {
    const isText = (key === "body" || key === "subject") && typeof field === "string";
    return [key, isText ? field.replaceAll(/<\/?[a-z]{1,10}>/g, "") : withPlainBodies(field)] as const;
  });
  return Object.fromEntries(entries);
}

import type { Json, Raw } from "./raw.ts";

/** What a workspace holds at its beginning, by number: nothing of it is kept in memory. */
export interface Seed {
  readonly appId: string;
  /** How many conversations there are. */
  readonly conversations: number;
  /** How many comments each of them has behind its first message. */
  readonly comments: number;
  /** When the first one began, in seconds since 1970. */
  readonly firstSeconds: number;
  /** So much later each of the others began. */
  readonly everySeconds: number;
}

const firstId = 215_470_000_000_000;
const partsPerConversation = 1_000;
/** So much later than the one before it each part was written. */
const partEverySeconds = 5;
const contacts = 5_000;

const topics = ["the invoice of March", "a login that fails", "the nightly import", "an export without headers", "the API key"];

export const seededId = (number: number): string => String(firstId + number);

/** The number of a seeded conversation; undefined for another id. */
export function seededNumber({ conversations }: Seed, id: string): number | undefined {
  const number = Number(id) - firstId;
  return Number.isInteger(number) && number >= 0 && number < conversations ? number : undefined;
}

export const contactId = (number: number): string => (0x5ba6_82d2_3d7c + (number % contacts)).toString(16).padStart(24, "0");

export const contactOf = (number: number): Json => ({
  type: "user",
  id: contactId(number),
  name: `Customer ${number % contacts}`,
  email: `customer-${number % contacts}@example.com`,
});

export const adminOf = (number: number): Json => ({
  type: "admin",
  id: String(991_267_000 + (number % 7)),
  name: `Agent ${number % 7}`,
  email: `agent-${number % 7}@acme.example`,
});

/** When a seeded conversation changed last: with its last part. Every second one ends with a closing. */
export function seededUpdate({ comments, firstSeconds, everySeconds }: Seed, number: number): number {
  return firstSeconds + number * everySeconds + partEverySeconds * (comments + (isClosed(number) ? 1 : 0));
}

const isClosed = (number: number) => number % 2 === 0;

/** A conversation with its parts, as the API gives it. Each message has a marker of its own. */
export function seededConversation(seed: Seed, number: number): Raw {
  const id = seededId(number);
  const createdAt = seed.firstSeconds + number * seed.everySeconds;
  const updatedAt = seededUpdate(seed, number);
  const topic = topics[number % topics.length];
  return {
    type: "conversation",
    id,
    created_at: createdAt,
    updated_at: updatedAt,
    title: null,
    state: isClosed(number) ? "closed" : "open",
    open: !isClosed(number),
    source: {
      type: "conversation",
      id: String(403_000_000 + number),
      delivered_as: "customer_initiated",
      subject: "",
      body: `<p>I need help with ${topic} marker:${id}:0</p>`,
      author: contactOf(number),
      attachments: [],
      url: null,
      redacted: false,
    },
    contacts: { type: "contact.list", contacts: [{ type: "contact", id: contactId(number), external_id: null }] },
    company: null,
    conversation_rating: null,
    ai_agent: null,
    statistics: { type: "conversation_statistics", last_close_at: isClosed(number) ? updatedAt : null },
    tags: { type: "tag.list", tags: [] },
    parts: Array.from({ length: seed.comments + (isClosed(number) ? 1 : 0) }, (_, at) => {
      const isClosing = at === seed.comments;
      const seconds = createdAt + partEverySeconds * (at + 1);
      return {
        type: "conversation_part",
        id: String(number * partsPerConversation + at + 1),
        part_type: isClosing ? "close" : "comment",
        body: isClosing ? null : `<p>What was said about ${topic} marker:${id}:${at + 1}</p>`,
        created_at: seconds,
        updated_at: seconds,
        notified_at: seconds,
        author: at % 2 === 0 || isClosing ? adminOf(number) : contactOf(number),
        attachments: [],
        redacted: false,
        external_id: null,
      };
    }),
  };
}

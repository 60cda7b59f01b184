/** What the rules need of an episode that Statewave holds: the item of a batch, as it was sent. */
export interface HeldEpisode {
  readonly subject_id: string;
  readonly source: string;
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly occurred_at: string;
  readonly idempotency_key: string | null;
}

/** The server's three kinds of memory that an answer is made of. */
export type MemoryKind = "fact" | "procedure" | "summary";

/** One memory that a compile made of an episode. */
export interface Memory {
  readonly kind: MemoryKind;
  readonly text: string;
  readonly episode: HeldEpisode;
  /** When it was compiled. All memories of one compile call have one age. */
  readonly ageMs: number;
  /** What its date is taken from: the date prefix, and which of two memories of one age is newer. */
  readonly timeMs: number;
}

/** The text that a compile and a context read. Sheet 1.6 of the wire contract: `messages`, else `text`, else `content`. */
export function textOf({ payload }: HeldEpisode): string {
  const { messages, text, content } = payload as { messages?: unknown; text?: unknown; content?: unknown };
  if (Array.isArray(messages)) return messages.map((message) => lineOf(message)).join("\n");
  const value = text ?? content;
  return typeof value === "string" ? value : "";
}

function lineOf(message: unknown): string {
  const { role = "", content = "" } = Object(message) as { role?: string; content?: string };
  return `${role}: ${content}`;
}

/** The first so many characters, as Python counts them: an emoji is one. */
export function firstCharacters(text: string, count: number): string {
  let taken = "";
  let left = count;
  for (const character of text) {
    if (left === 0) break;
    taken += character;
    left -= 1;
  }
  return taken;
}

import { createHash } from "node:crypto";
import { type Clock, ConnectorsError, type Episode, type SourceKey } from "@statewave-connectors/connector-sdk";
import type { DeadLetter, Inbox, InboxItem } from "@statewave-connectors/connector-sdk/inbox";
import type { StoreRecords } from "@statewave-connectors/connector-sdk/store";
import type { Privacy } from "../privacy/privacy.ts";
import { validateEpisode } from "../sinks/wire/validate-episode.ts";

/** A dead letter as it can be edited. */
export interface EditableLetter {
  readonly key: string;
  readonly source: SourceKey;
  readonly type: "event" | "episode";
  /** Of an episode: the episode. Of an event: its headers, and its body as `body`, `body_json` or `body_base64`. */
  readonly content: unknown;
  /** Of the letter before the edit. */
  readonly digest: string;
}

/** What an edit makes of a letter. */
export interface LetterEdit extends Pick<EditableLetter, "digest" | "content"> {
  readonly key: string;
}

export interface LetterPlaces {
  readonly inbox: Inbox;
  readonly privacy: Privacy;
  /** Undefined: the store keeps none. */
  readonly records: StoreRecords | undefined;
  readonly clock: Clock;
}

type EventItem = Extract<InboxItem, { readonly type: "event" }>;
type EditableItem = Extract<InboxItem, { readonly type: "event" | "episode" }>;

/**
 * A letter as it was buried, nothing hidden; undefined when there is none. Throws `INBOX_LETTER_NOT_EDITABLE` for an item, which is mapped again from what its
 * source has, and for a letter of which `[privacy]` hides a part.
 */
export async function readLetter({ inbox, privacy }: LetterPlaces, key: string): Promise<EditableLetter | undefined> {
  const letter = await inbox.getDeadLetter(key);
  if (letter?.item === undefined) return undefined;
  const item = requireEditable(letter, privacy);
  const { source } = letter;
  const content = item.type === "episode" ? item.episode : { headers: item.headers, ...bodyOf(item.body) };
  return { key, source, type: item.type, content, digest: digestOf(letter) };
}

/** The item of a letter, where it can be edited. */
function requireEditable(letter: DeadLetter, privacy: Privacy): EditableItem {
  const { key, item } = letter;
  if (item?.type !== "event" && item?.type !== "episode")
    throw notEditable(key, "it is an item that could not be mapped", "retry it after an update of its connector, or discard it");
  if (isPrivate(letter, privacy))
    throw notEditable(key, "[privacy] hides a part of it, which an editor would show", "fix it at its source, or discard it");
  return item;
}

const lockScope = "letter-edits";
/** Far longer than an edit takes, once it is typed. */
const lockMs = 60_000;

/**
 * Puts an edited letter into the queue, then forgets the letter: a crash in between leaves both, and loses neither. An event loses its id, because the inbox
 * remembers that one. Throws `INBOX_LETTER_INVALID`, and `INBOX_LETTER_CHANGED` when the letter was edited, retried or discarded meanwhile, or is being edited.
 */
export async function replaceLetter(places: LetterPlaces, { key, digest, content }: LetterEdit): Promise<void> {
  const { inbox, clock } = places;
  await locked(places, key, async () => {
    const letter = await inbox.getDeadLetter(key);
    if (letter?.item === undefined || digestOf(letter) !== digest) throw changed(key);
    const item = requireEditable(letter, places.privacy);
    await inbox.accept({ ...itemOf(item, content, key), receivedAtMs: clock.now() });
    await inbox.discardDeadLetters([key]);
  });
}

function itemOf(item: EditableItem, content: unknown, key: string): InboxItem {
  if (item.type === "episode") {
    const invalid = validateEpisode(content as Episode);
    if (invalid !== undefined) throw invalidEdit(key, invalid);
    return { ...item, episode: content as Episode };
  }
  const { id: _, ...event } = item;
  return { ...event, ...parseEvent(content, key) };
}

/** One edit of a letter at a time, in whatever process. */
async function locked(places: LetterPlaces, key: string, act: () => Promise<void>): Promise<void> {
  const { records } = places;
  const lock = await records?.compareAndSet({ scope: lockScope, key, value: "editing", expectedVersion: 0, ttlMs: lockMs });
  if (lock?.stored === false) throw beingEdited(key);
  try {
    await act();
  } finally {
    // Only this one: once it expired, another command may hold one of its own.
    if (lock !== undefined)
      await records?.compareAndSet({ scope: lockScope, key, expectedVersion: lock.version }).catch(() => undefined);
  }
}

function isPrivate(letter: DeadLetter, privacy: Privacy): boolean {
  const { item } = privacy.redactLetter(letter);
  return JSON.stringify(shown(item)) !== JSON.stringify(shown(letter.item));
}

function digestOf(letter: DeadLetter): string {
  return createHash("sha256")
    .update(JSON.stringify([letter.source, shown(letter.item)]))
    .digest("hex")
    .slice(0, 32);
}

/** With its body as text that JSON can hold. */
function shown(item: InboxItem | undefined): unknown {
  return item?.type === "event" ? { ...item, body: Buffer.from(item.body).toString("base64") } : item;
}

function bodyOf(body: Uint8Array): Readonly<Record<string, unknown>> {
  const text = Buffer.from(body).toString("utf8");
  if (!Buffer.from(text, "utf8").equals(body)) return { body_base64: Buffer.from(body).toString("base64") };
  try {
    const json: unknown = JSON.parse(text);
    // What cannot be written as it was, such as a number of many digits, stays text.
    if (JSON.stringify(json) === text) return { body_json: json };
  } catch {
    // It is no JSON.
  }
  return { body: text };
}

function parseEvent(content: unknown, key: string): Pick<EventItem, "headers" | "body"> {
  if (typeof content !== "object" || content === null) throw invalidEdit(key, "an event is an object with headers and a body");
  const { headers, body, body_json: json, body_base64: base64 } = content as Readonly<Record<string, unknown>>;
  if (typeof headers !== "object" || headers === null || !Object.values(headers).every((value) => typeof value === "string"))
    throw invalidEdit(key, "`headers` must be an object of strings");
  const bodies = [body, json, base64].filter((value) => value !== undefined);
  if (bodies.length !== 1) throw invalidEdit(key, "it has no body, or more than one of body, body_json and body_base64");
  if (json !== undefined) return { headers: { ...headers }, body: Buffer.from(JSON.stringify(json)) };
  if (typeof body === "string") return { headers: { ...headers }, body: Buffer.from(body) };
  if (typeof base64 !== "string") throw invalidEdit(key, "`body` must be a string");
  const bytes = Buffer.from(base64, "base64");
  if (bytes.toString("base64") !== base64) throw invalidEdit(key, "body_base64 is not base64");
  return { headers: { ...headers }, body: bytes };
}

function notEditable(key: string, why: string, hint: string): ConnectorsError {
  return new ConnectorsError({
    code: "INBOX_LETTER_NOT_EDITABLE",
    message: `dead letter "${key}" cannot be edited: ${why}`,
    hint,
  });
}

function invalidEdit(key: string, why: string): ConnectorsError {
  return new ConnectorsError({
    code: "INBOX_LETTER_INVALID",
    message: `the edit of dead letter "${key}" is refused: ${why}`,
    hint: "correct the file and pass it with --file; the letter was not changed",
  });
}

/** A command that was killed holds its lock until that expires. */
function beingEdited(key: string): ConnectorsError {
  return new ConnectorsError({
    code: "INBOX_LETTER_CHANGED",
    message: `dead letter "${key}" is being edited by another command`,
    hint: "look at it with `dead-letters show` in a minute, and edit it again when it is still there",
    retryable: true,
  });
}

function changed(key: string): ConnectorsError {
  return new ConnectorsError({
    code: "INBOX_LETTER_CHANGED",
    message: `dead letter "${key}" was edited, retried or discarded meanwhile`,
    hint: "look at it with `dead-letters show` before you edit it again",
  });
}

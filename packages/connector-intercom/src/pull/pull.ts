import type { ConnectorContext, Page, PullRange, PullSource } from "@statewave-connectors/connector-sdk";
import type { ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { firstSyncSinceMs } from "@statewave-connectors/connector-sdk/options";
import {
  type Instant,
  joinPages,
  type KeysetState,
  type PageContents,
  pagesWithin,
  type PartPage,
  toInstant,
} from "@statewave-connectors/connector-sdk/paging";
import { checkEntry } from "../check.ts";
import { openClient } from "../client.ts";
import { idOf } from "../episodes/conversation.ts";
import { mapConversations, mapFailed, toRawItem } from "../episodes/map-conversations.ts";
import { identify } from "../identity.ts";
import { type ContactNames, type Directory, openDirectory, unnamedContacts } from "../names.ts";
import type { IntercomPullOptions } from "../pull-options.ts";
import { cursors } from "./cursor.ts";
import { type ConversationWithParts, type ReadBatch, readConversation, readConversations } from "./read-conversations.ts";
import { type ConversationsPage, walkConversations } from "./walk-conversations.ts";

/** Whose token it is, is requested again after this long. */
const identityForMs = 60 * 60_000;
/** Of the conversations that are mapped at once. */
const mostNames = 50;

/** One run of the entry. */
interface Run {
  readonly stored: string | undefined;
  readonly reader: ReturnType<typeof cursors.reader>;
  /** Undefined: everything that is new is read. */
  readonly range: PullRange | undefined;
  readonly signal: AbortSignal;
}

/** Opens a `[[pull.intercom]]` entry. */
export function openPull(options: IntercomPullOptions, context: ConnectorContext): PullSource {
  return new IntercomPullSource(options, context);
}

class IntercomPullSource implements PullSource {
  readonly #options: IntercomPullOptions;
  readonly #context: ConnectorContext;
  readonly #client: ProviderClient;
  readonly #directory: Directory;
  readonly #reader: Run["reader"];
  #identifiedUntilMs = -Infinity;

  constructor(options: IntercomPullOptions, context: ConnectorContext) {
    this.#options = options;
    this.#context = context;
    this.#client = openClient(options, context);
    this.#directory = openDirectory(this.#client, context, 3);
    this.#reader = this.#newReader();
  }

  readonly map = (raw: unknown) => mapFailed(raw, this.#options);

  pages(stored: string | undefined, signal: AbortSignal): AsyncIterable<Page> {
    return this.#read({ stored, reader: this.#reader, range: undefined, signal });
  }

  range(range: PullRange, stored: string | undefined, signal: AbortSignal): AsyncIterable<Page> {
    return pagesWithin(this.#read({ stored, reader: this.#newReader(), range, signal }), range);
  }

  check(signal: AbortSignal) {
    return checkEntry({ client: this.#client, ...this.#options, signal });
  }

  /** A conversation, or one of its parts: `215468/17421`. */
  async fetchItem(id: string, signal: AbortSignal): Promise<unknown> {
    const [conversationId = "", partId] = id.split("/", 2);
    const conversation = await readConversation(this.#client, conversationId, signal);
    if (conversation === undefined) return undefined;
    const names = await this.#names([conversation], signal);
    if (partId === undefined) return toRawItem(conversation, names);
    const part = conversation.conversation_parts.conversation_parts.find((each) => idOf(each) === partId);
    return part === undefined ? undefined : toRawItem(conversation, names, part);
  }

  #newReader(): Run["reader"] {
    const { clock, random, logger } = this.#context;
    return cursors.reader({ clock, random, logger, parts: "streams" });
  }

  async *#read(run: Run): AsyncGenerator<Page, void, undefined> {
    const { app_id: app } = this.#options;
    const from = cursors.parse(run.stored, this.#context);
    if (from !== undefined && from.beside.app !== app) {
      throw cursors.invalid(`belongs to the workspace ${from.beside.app}, and the entry reads ${app}`, this.#context);
    }
    await this.#identify(run.signal);
    this.#directory.tryAgain();
    yield* run.reader.pages({
      from,
      parts: [{ id: "conversations", name: "conversations" }],
      readPart: (_, state) => this.#readConversations(state, run),
      beside: () => ({ app }),
      signal: run.signal,
    });
  }

  async *#readConversations(
    stored: KeysetState<string> | undefined,
    { range, signal }: Run,
  ): AsyncGenerator<PartPage<KeysetState<string>>, void, undefined> {
    const firstSince = range === undefined ? this.#firstSince() : toInstant(Date.parse(range.since));
    const walk = { client: this.#client, context: this.#context, firstSince, range, signal };
    for await (const found of walkConversations(walk, stored ?? { since: firstSince, seen: {} })) {
      yield* this.#readPage(found, signal);
    }
  }

  /** One page, or the part of it that was read when a limit or an outage ends the run. */
  async *#readPage(
    { rows, failures, state, stateWithin, left }: ConversationsPage,
    signal: AbortSignal,
  ): AsyncGenerator<PartPage<KeysetState<string>>, void, undefined> {
    const pages: PageContents[] = [];
    const read = new Set<string>();
    const ids = rows.map(({ id }) => id);
    try {
      for await (const batch of readConversations(this.#client, ids, signal)) {
        // Mapped at once: of the conversations of a page only the episodes are held.
        pages.push(...(await this.#mapped(batch, signal)));
        for (const id of batch.ids) read.add(id);
      }
    } catch (error) {
      if (read.size > 0 && !signal.aborted)
        yield { ...joinPages(pages), state: stateWithin(rows.filter(({ id }) => read.has(id))) };
      throw error;
    }
    const page = joinPages([...pages, { episodes: [], failures }]);
    const progress = left === undefined ? {} : { progress: { itemsLeft: left } };
    yield { ...page, state, isQuiet: rows.length === 0 && page.failures === undefined, ...progress };
  }

  async #mapped({ conversations, failures, gone }: ReadBatch, signal: AbortSignal): Promise<readonly PageContents[]> {
    const names = await this.#names(conversations, signal);
    const counts = { gone, parts_out_of_reach: this.#outOfReach(conversations) };
    return [mapConversations(conversations, this.#options, names), { episodes: [], failures, skipped: counts }];
  }

  async #names(conversations: readonly unknown[], signal: AbortSignal): Promise<ContactNames> {
    const contacts = unnamedContacts(conversations);
    const uses = (known: ContactNames) => contacts.map((id) => known.contact(id)).length > 0;
    const { names, error } = await this.#directory.namesFor({ uses, most: mostNames, signal });
    // Names are waited for while Intercom is down. What it refuses is left out.
    if (error?.retryable === true) throw error;
    return names;
  }

  /** How many parts are older than those that Intercom gives. */
  #outOfReach(conversations: readonly ConversationWithParts[]): number {
    const missing = conversations.map(({ id, conversation_parts: { conversation_parts: given, total_count } }) => {
      const count = Math.max((total_count ?? 0) - given.length, 0);
      if (count > 0) this.#context.logger.warn("a conversation has more parts than Intercom gives", { conversation: id, count });
      return count;
    });
    return missing.reduce((sum, count) => sum + count, 0);
  }

  #firstSince(): Instant | undefined {
    const sinceMs = firstSyncSinceMs(this.#options.since_default, this.#context.clock.now());
    return sinceMs === undefined ? undefined : toInstant(sinceMs);
  }

  async #identify(signal: AbortSignal): Promise<void> {
    const nowMs = this.#context.clock.now();
    if (this.#identifiedUntilMs > nowMs) return;
    await identify(this.#client, this.#options.app_id, signal);
    this.#identifiedUntilMs = nowMs + identityForMs;
  }
}

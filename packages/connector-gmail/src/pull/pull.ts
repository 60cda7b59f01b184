import type { CheckResult, ConnectorContext, Episode, Page, PullRange, PullSource } from "@statewave-connectors/connector-sdk";
import type { RunCause } from "@statewave-connectors/connector-sdk/host";
import { fromInstant, pagesWithin, type PartPage, partVerdict } from "@statewave-connectors/connector-sdk/paging";
import { firstSyncSinceMs } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";
import { checkPull } from "../check.ts";
import { toEpisodes } from "../episodes/to-episodes.ts";
import { MailboxApi } from "../mailbox-api.ts";
import type { GmailPullOptions } from "../pull-options.ts";
import { openPubsub, waitForNotifications } from "../pubsub/wait-for-notifications.ts";
import { delegationHint, refreshHint, signIn } from "../sign-in.ts";
import { renewWatches, testWatches } from "../watch.ts";
import { noNotification } from "../webhook/notification.ts";
import { cursors, type MailboxState } from "./cursor.ts";
import { fetchMessage, MessageFetcher } from "./fetch-messages.ts";
import { LabelNames } from "./label-names.ts";
import { listMessages } from "./listing.ts";
import type { Mailbox, Reading } from "./mailbox.ts";
import { MailboxLimits } from "./mailbox-limits.ts";
import { isWanted, itemId } from "./message-page.ts";
import { readMailbox } from "./read-mailbox.ts";

const KeptMessage = v.object({ pubsub: v.looseObject({}) });

/** The part of an entry with one mailbox, whose address is not known before it is read. */
const onlyMailbox = "mailbox";

/** Opens a `[[pull.gmail]]` entry. */
export function openPull(options: GmailPullOptions, context: ConnectorContext): PullSource {
  return new GmailSource(options, context);
}

class GmailSource implements PullSource {
  readonly #options: GmailPullOptions;
  readonly #context: ConnectorContext;
  readonly #mailboxes: readonly Mailbox[];
  readonly #reading: Reading;
  readonly #reader: ReturnType<typeof cursors.reader>;
  readonly #limits = new MailboxLimits();
  readonly maintain?: NonNullable<PullSource["maintain"]>;
  readonly testPush?: NonNullable<PullSource["testPush"]>;
  readonly wait?: NonNullable<PullSource["wait"]>;

  constructor(options: GmailPullOptions, context: ConnectorContext) {
    this.#options = options;
    this.#context = context;
    const unauthorizedHint = options.service_account_key === undefined ? refreshHint : delegationHint;
    const { mailboxes, pubsub } = signIn(options, context);
    this.#mailboxes = mailboxes.map(({ user, authorize }) => {
      const { base_url, quota, units_per_minute } = options;
      const api = new MailboxApi({ authorize, base_url, quota, units_per_minute, unauthorizedHint }, context);
      const id = user ?? onlyMailbox;
      const fetcher = new MessageFetcher(api, (messageId) => itemId(id, messageId));
      return { id, name: id, api, fetcher, labelNames: new LabelNames(api, context.clock), missed: new Map() };
    });
    this.#reading = {
      context,
      filter: { query: options.query ?? "", labelIds: options.label_ids ?? [] },
      scope: options,
      map: (raw) => this.map(raw),
      reportedLabels: options.label_changes ?? [],
      reportsDeletions: options.deletions,
    };
    this.#reader = this.#newReader(this.#limits);
    const { topic, subscription } = options;
    if (topic !== undefined) {
      this.maintain = (signal) => renewWatches(this.#mailboxes, topic, signal);
      this.testPush = (signal) => testWatches(this.#mailboxes, topic, signal);
    }
    if (subscription !== undefined) {
      const parts = new Set(this.#mailboxes.map(({ id }) => id));
      const source = { name: subscription, client: openPubsub(options, pubsub, context), parts };
      this.wait = (signal, request, keep) => waitForNotifications(source, context, signal, request, keep);
    }
  }

  map(raw: unknown): readonly Episode[] {
    // A message of the subscription that is no notification stays so.
    if (v.is(KeptMessage, raw)) throw noNotification();
    return toEpisodes(raw, this.#options);
  }

  pages(stored: string | undefined, signal: AbortSignal, cause?: RunCause): AsyncIterable<Page> {
    const from = cursors.parse(stored, this.#context);
    const since = from?.beside.since ?? secondsOf(firstSyncSinceMs(this.#options.since_default, this.#context.clock.now()));
    const readPart = (mailbox: Mailbox, state: MailboxState | undefined) =>
      readMailbox(mailbox, this.#reading, state, since, signal);
    const run = { from, parts: this.#mailboxes, readPart, first: cause?.parts, signal };
    return this.#limits.endingWith(this.#reader.pages(run));
  }

  range(range: PullRange, stored: string | undefined, signal: AbortSignal): AsyncIterable<Page> {
    const from = cursors.parse(stored, this.#context);
    const since = secondsOf(fromInstant(range.since));
    const untilSeconds = Math.ceil(fromInstant(range.until) / 1_000) + 1;
    const readPart = (mailbox: Mailbox, state: MailboxState | undefined) =>
      this.#readRange(mailbox, state, { since, untilSeconds }, signal);
    const limits = new MailboxLimits();
    const pages = this.#newReader(limits).pages({ from, parts: this.#mailboxes, readPart, signal });
    return pagesWithin(limits.endingWith(pages), range);
  }

  async fetchItem(id: string, signal: AbortSignal): Promise<unknown> {
    const at = id.lastIndexOf("/");
    const mailbox = this.#mailboxes.find((each) => each.id === id.slice(0, at));
    if (mailbox === undefined) return undefined;
    const message = await fetchMessage(mailbox.api, id.slice(at + 1), signal);
    // An item that could not be fetched was not compared with the entry's filters either.
    if (message === undefined || !(await isWanted(mailbox.api, this.#reading, message, signal))) return undefined;
    return { mailbox: (await mailbox.api.profile(signal)).mailbox, message };
  }

  check(signal: AbortSignal): Promise<readonly CheckResult[]> {
    return checkPull(this.#mailboxes, this.#options, signal);
  }

  async *#readRange(
    mailbox: Mailbox,
    stored: MailboxState | undefined,
    { since, untilSeconds }: { readonly since: number | undefined; readonly untilSeconds: number },
    signal: AbortSignal,
  ): AsyncGenerator<PartPage<MailboxState>, void, undefined> {
    const listing = since === undefined ? {} : { since };
    const begin = async (): Promise<MailboxState> => {
      const { mailbox: address, historyId, dateMs } = await mailbox.api.profile(signal);
      return { mailbox: address, history: historyId, at: Math.floor(dateMs / 1_000), listing };
    };
    yield* listMessages(mailbox, this.#reading, stored ?? (await begin()), signal, { untilSeconds });
  }

  #newReader(limits: MailboxLimits) {
    const verdictOf = this.#mailboxes.length === 1 ? partVerdict : (error: unknown) => limits.verdictOf(error);
    return cursors.reader({ ...this.#context, parts: "mailboxes", verdictOf });
  }
}

function secondsOf(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.max(0, Math.floor(ms / 1_000));
}

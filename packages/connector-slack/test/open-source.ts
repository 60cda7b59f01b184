import type { Episode, Logger, Page, PullSource } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { storageInMemory } from "@statewave-connectors/connector-sdk/store";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { onTestFinished } from "vitest";
import * as v from "valibot";
import { connector } from "../src/index.ts";
import { SlackPull } from "../src/pull-options.ts";
import { FakeSlack, type FakeSlackOptions } from "../src/testing/fake-slack.ts";

export interface OpenOptions extends FakeSlackOptions {
  /** Fields of the entry besides `bot_token` and `base_url`. Messages of tests are short: `min_length` is 0 here. */
  readonly entry?: Readonly<Record<string, unknown>>;
  /** What requests go through. Default: the network. */
  readonly fetch?: typeof globalThis.fetch;
}

export interface OpenedSource {
  readonly fake: FakeSlack;
  readonly clock: FakeClock;
  readonly source: PullSource;
  /** Another process on the same workspace: the entry opened anew. */
  readonly reopen: (entry?: Readonly<Record<string, unknown>>, logger?: Logger) => PullSource;
}

/** A fake Slack and an entry that reads it, on one clock; both end with the test. */
export async function openSource(options: OpenOptions = {}): Promise<OpenedSource> {
  const clock = new FakeClock();
  const fake = await FakeSlack.start({ nowMs: () => clock.now(), hasTiers: false, ...options });
  onTestFinished(() => fake.close());
  const reopen = (entry: Readonly<Record<string, unknown>> = {}, logger: Logger = silentLogger) =>
    openEntry(
      { bot_token: fake.token, base_url: fake.url, min_length: 0, ...options.entry, ...entry },
      clock,
      logger,
      options.fetch,
    );
  return { fake, clock, source: reopen(), reopen };
}

/** Validates an entry as the configuration does and opens it. */
function openEntry(
  entry: Readonly<Record<string, unknown>>,
  clock: FakeClock,
  logger: Logger,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): PullSource {
  return connector.pull!.open(v.parse(SlackPull, entry), {
    source: { kind: "slack", name: "team" },
    baseDir: "/",
    clock,
    random: () => 0.5,
    fetch,
    logger,
    reportHealth: () => undefined,
    storage: storageInMemory(clock),
  });
}

/** The result of one run. */
export interface Reading {
  readonly pages: readonly Page[];
  readonly episodes: readonly Episode[];
  readonly keys: ReadonlySet<string>;
  /** What to resume from afterwards. */
  readonly cursor: string | undefined;
  /** Why it ended early. */
  readonly error: unknown;
}

/** One run from a cursor, to its end or its error. */
export async function tick(
  source: PullSource,
  cursor?: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<Reading> {
  const pages: Page[] = [];
  let error: unknown;
  try {
    for await (const page of source.pages(cursor, signal)) pages.push(page);
  } catch (thrown) {
    error = thrown;
  }
  const episodes = pages.flatMap((page) => page.episodes);
  const keys = new Set(episodes.map((episode) => episode.idempotency_key));
  return { pages, episodes, keys, cursor: pages.at(-1)?.cursor ?? cursor, error };
}

/** A run that must end well. */
export async function read(source: PullSource, cursor?: string): Promise<Reading> {
  const reading = await tick(source, cursor);
  if (reading.error !== undefined) throw reading.error;
  return reading;
}

/** Each episode's kind and its own words. */
export function wordsOf(episodes: readonly Episode[]): readonly string[] {
  return episodes.map(({ kind, text }) => `${kind} ${ownWords(text)}`);
}

/** A text without who says it, and without what it is about. */
function ownWords(text: string): string {
  return text.slice(text.indexOf(": ") + 2).replace(/ \((?:re|was): .*\)$/, "");
}

/** The requests to a method, without its answers. */
export function callsOf(fake: FakeSlack, method: string): readonly string[] {
  return fake.log.filter((line) => line.startsWith(`${method} `));
}

export const minuteMs = 60_000;
export const dayMs = 24 * 60 * minuteMs;

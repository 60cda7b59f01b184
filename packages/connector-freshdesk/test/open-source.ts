import type { Episode, Page, PullSource } from "@statewave-connectors/connector-sdk";
import { openEntry } from "@statewave-connectors/testing";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { onTestFinished } from "vitest";
import { connector } from "../src/index.ts";
import { type FakeFreshdesk, type FakeFreshdeskOptions, startFakeFreshdesk } from "../src/testing/index.ts";

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;

let accounts = 0;

export interface OpenOptions extends FakeFreshdeskOptions {
  /** Fields of the entry besides `domain`, `api_key` and `base_url`. */
  readonly entry?: Readonly<Record<string, unknown>>;
}

export interface OpenedSource {
  readonly fake: FakeFreshdesk;
  readonly clock: FakeClock;
  readonly source: PullSource;
  /** Another process that reads the same account: the entry opened anew. */
  readonly reopen: (entry?: Readonly<Record<string, unknown>>) => Promise<PullSource>;
}

/** A fake Freshdesk and an entry that reads it, on one clock; both end with the test. */
export async function openSource({ entry = {}, ...options }: OpenOptions = {}): Promise<OpenedSource> {
  const clock = new FakeClock();
  // A pause of one key holds for all that use it.
  accounts += 1;
  const fake = await startFakeFreshdesk({ nowMs: () => clock.now(), apiKey: `key-${accounts}`, ...options });
  onTestFinished(() => fake.close());
  const reopen = async (more: Readonly<Record<string, unknown>> = {}) =>
    (await openEntry(connector, { domain: "acme", api_key: fake.apiKey, base_url: fake.url, ...entry, ...more }, { clock }))
      .source;
  return { fake, clock, source: await reopen(), reopen };
}

/** What a run yields, and where the next one resumes. */
export interface Reading {
  readonly pages: readonly Page[];
  readonly episodes: readonly Episode[];
  readonly failures: NonNullable<Page["failures"]>;
  readonly cursor: string | undefined;
}

export async function read(source: PullSource, cursor?: string): Promise<Reading> {
  const pages: Page[] = [];
  for await (const page of source.pages(cursor, new AbortController().signal)) pages.push(page);
  return {
    pages,
    episodes: pages.flatMap(({ episodes }) => episodes),
    failures: pages.flatMap(({ failures = [] }) => failures),
    cursor: pages.findLast((page) => page.cursor !== undefined)?.cursor ?? cursor,
  };
}

import type { Episode, Page, PullSource } from "@statewave-connectors/connector-sdk";
import { openEntry } from "@statewave-connectors/testing";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { onTestFinished } from "vitest";
import { connector } from "../src/index.ts";
import { type FakeGoogle, type FakeGoogleOptions, startFakeGoogle } from "../src/testing/index.ts";

export const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** For tests that read the same mails again and again while the clock stands still. */
export const plenty = { units_per_minute: 10_000_000 };

export interface OpenOptions extends FakeGoogleOptions {
  /** Fields of the entry besides its credentials. */
  readonly entry?: Readonly<Record<string, unknown>>;
  /** Reads these mailboxes with a service account. */
  readonly users?: readonly string[];
}

export interface OpenedGoogle {
  readonly fake: FakeGoogle;
  readonly clock: FakeClock;
  readonly source: PullSource;
  /** Another process that reads the same mailboxes: the entry opened anew. */
  readonly reopen: (entry?: Readonly<Record<string, unknown>>) => Promise<PullSource>;
}

/** A fake Google and an entry that reads it, on one clock; both end with the test. */
export async function openGoogle({ entry = {}, users, ...options }: OpenOptions = {}): Promise<OpenedGoogle> {
  const clock = new FakeClock();
  const addresses = options.addresses ?? users;
  const fake = await startFakeGoogle({ nowMs: () => clock.now(), ...options, ...(addresses !== undefined && { addresses }) });
  onTestFinished(() => fake.close());
  const credentials = users === undefined ? fake.entry : fake.delegated(users);
  const reopen = async (more: Readonly<Record<string, unknown>> = {}) =>
    (await openEntry(connector, { ...credentials, ...entry, ...more }, { clock })).source;
  return { fake, clock, source: await reopen(), reopen };
}

/** What a run yields, and where the next one resumes. */
export interface ReadPages {
  readonly pages: readonly Page[];
  readonly episodes: readonly Episode[];
  readonly failures: NonNullable<Page["failures"]>;
  readonly skipped: Readonly<Record<string, number>>;
  readonly cursor: string | undefined;
  /** What ended it. */
  readonly error: unknown;
}

/** One run, to its end or to the error that ends it. */
export async function run(
  source: PullSource,
  cursor?: string,
  onPage: (count: number) => void = () => undefined,
): Promise<ReadPages> {
  const pages: Page[] = [];
  let error: unknown;
  try {
    for await (const page of source.pages(cursor, new AbortController().signal)) {
      pages.push(page);
      onPage(pages.length);
    }
  } catch (thrown) {
    error = thrown;
  }
  const skipped: Record<string, number> = {};
  for (const page of pages) {
    for (const [reason, count] of Object.entries(page.skipped ?? {})) skipped[reason] = (skipped[reason] ?? 0) + count;
  }
  return {
    pages,
    episodes: pages.flatMap(({ episodes }) => episodes),
    failures: pages.flatMap(({ failures = [] }) => failures),
    skipped,
    cursor: pages.findLast((page) => page.cursor !== undefined)?.cursor ?? cursor,
    error,
  };
}

/** A run that nothing ends before its time. */
export async function read(source: PullSource, cursor?: string): Promise<ReadPages> {
  const result = await run(source, cursor);
  if (result.error !== undefined) throw result.error;
  return result;
}

/** Runs that resume each other whenever a limit ends one, until one reads to the end. */
export async function readAll(
  source: PullSource,
  clock: FakeClock,
  cursor?: string,
): Promise<ReadPages & { readonly runs: number }> {
  const results: ReadPages[] = [];
  let at = cursor;
  for (let runs = 1; ; runs += 1) {
    const result = await run(source, at);
    results.push(result);
    at = result.cursor;
    const retryAtMs: unknown = result.error === undefined ? undefined : Reflect.get(Object(result.error), "retryAtMs");
    if (result.error === undefined) {
      return {
        ...result,
        pages: results.flatMap(({ pages }) => pages),
        episodes: results.flatMap(({ episodes }) => episodes),
        failures: results.flatMap(({ failures }) => failures),
        runs,
      };
    }
    if (typeof retryAtMs !== "number") throw result.error;
    clock.set(retryAtMs);
  }
}

/** The numbers of the mails that texts of episodes hold. */
export function markersIn(episodes: readonly Episode[]): readonly number[] {
  return episodes.map(({ text }) => Number(/marker:(\d+)/.exec(text)?.[1] ?? NaN));
}

/** The ids of the messages that episodes are about. */
export function idsOf(episodes: readonly Episode[]): readonly string[] {
  return episodes.map(({ source: { id } }) => id.replace("message:", ""));
}

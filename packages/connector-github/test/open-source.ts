import type { Episode, Logger, Page, PullSource } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { storageInMemory } from "@statewave-connectors/connector-sdk/store";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { onTestFinished } from "vitest";
import { connector } from "../src/index.ts";
import { FakeGithub, type FakeGithubOptions } from "../src/testing/fake-github.ts";

export interface OpenOptions extends FakeGithubOptions {
  /** Fields of the entry besides `repo`, `base_url`, `include_bots` and `token`. */
  readonly entry?: Readonly<Record<string, unknown>>;
  /** False: the entry has no token. */
  readonly withToken?: boolean;
  readonly logger?: Logger;
  /** What requests go through. Default: the network. */
  readonly fetch?: typeof globalThis.fetch;
}

export interface OpenedSource {
  readonly fake: FakeGithub;
  readonly clock: FakeClock;
  readonly source: PullSource;
  /** Another process on the same repository: the entry opened anew. */
  readonly reopen: (entry?: Readonly<Record<string, unknown>>) => Promise<PullSource>;
}

/** A fake GitHub and an entry that reads it, on one clock; both end with the test. */
export async function openSource(options: OpenOptions = {}): Promise<OpenedSource> {
  const clock = new FakeClock();
  const fake = await FakeGithub.start({ nowMs: () => clock.now(), limits: { token: 100_000, anonymous: 100_000 }, ...options });
  onTestFinished(() => fake.close());
  const reopen = async (entry: Readonly<Record<string, unknown>> = {}) => {
    const token = options.withToken === false ? {} : { token: fake.token };
    return await openEntry(
      { repo: fake.repository.shape.fullName, base_url: fake.url, include_bots: true, ...token, ...options.entry, ...entry },
      clock,
      options.logger,
      options.fetch,
    );
  };
  return { fake, clock, source: await reopen(), reopen };
}

/** Validates an entry as the configuration does and opens it. */
export async function openEntry(
  entry: Readonly<Record<string, unknown>>,
  clock: FakeClock,
  logger: Logger = silentLogger,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): Promise<PullSource> {
  const pull = connector.pull!;
  const result = await pull.config["~standard"].validate(entry);
  if (result.issues !== undefined) throw new Error(result.issues.map((issue) => issue.message).join("; "));
  return pull.open(result.value, {
    source: { kind: "github", name: "main" },
    baseDir: "/",
    clock,
    random: Math.random,
    fetch,
    logger,
    reportHealth: () => undefined,
    storage: storageInMemory(clock),
  });
}

/** A whole reading from a cursor. */
export interface Reading {
  readonly pages: readonly Page[];
  readonly episodes: readonly Episode[];
  readonly keys: ReadonlySet<string>;
  /** What to resume from afterwards. */
  readonly cursor: string | undefined;
}

export async function read(
  source: PullSource,
  cursor?: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<Reading> {
  const pages: Page[] = [];
  for await (const page of source.pages(cursor, signal)) pages.push(page);
  const episodes = pages.flatMap((page) => page.episodes);
  return {
    pages,
    episodes,
    keys: new Set(episodes.map((episode) => episode.idempotency_key)),
    cursor: pages.at(-1)?.cursor ?? cursor,
  };
}

/** Episodes of each kind. */
export function countKinds(episodes: readonly Episode[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of episodes) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

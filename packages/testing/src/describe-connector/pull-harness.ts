import {
  type Connector,
  type ConnectorsError,
  isConnectorsError,
  type Page,
  type PullRange,
  type PullSource,
} from "@statewave-connectors/connector-sdk";
import type { RunCause, SourceStorage } from "@statewave-connectors/connector-sdk/host";
import { storageInMemory } from "@statewave-connectors/connector-sdk/store";
import { visitOptions } from "@statewave-connectors/connector-sdk/schema";
import { FakeClock } from "../fake-clock.ts";
import { fakeContext, usable, validateOptions } from "../open-entry.ts";
import { ProviderGate } from "../provider-gate.ts";
import type { TcpProxy } from "../start-tcp-proxy.ts";
import type { ConnectorSubject, NetworkProvider, PullFixture } from "./connector-subject.ts";

/** A walk, whole or cut off. */
export interface PulledWalk {
  readonly pages: readonly Page[];
  /** What to resume from afterwards. */
  readonly cursor: string | undefined;
  /** What it was cut off by. */
  readonly error?: unknown;
}

/** One fixture, and sources opened on it. */
export class PullHarness {
  readonly subject: ConnectorSubject;
  readonly fixture: PullFixture;
  readonly clock: FakeClock;
  readonly gate: ProviderGate;
  /** Of the entry: all processes on this fixture share it. */
  storage: SourceStorage;
  #lacking: string | undefined;

  constructor(subject: ConnectorSubject, fixture: PullFixture) {
    this.subject = subject;
    this.fixture = fixture;
    this.clock = fixture.clock ?? new FakeClock();
    const { provider } = subject;
    const isExempt = provider === "none" || "socket" in provider ? undefined : provider.isToken;
    this.gate = new ProviderGate(fixture.fetch ?? globalThis.fetch, isExempt);
    this.storage = storageInMemory(this.clock);
  }

  get kind(): string {
    return this.subject.connector.kind;
  }

  /** What the codes of this connector begin with. */
  get codePrefix(): string {
    return `${this.kind.toUpperCase().replaceAll("-", "_")}_`;
  }

  get provider(): NetworkProvider {
    const { provider } = this.subject;
    if (provider === "none" || "socket" in provider) throw new Error(`${this.kind} has no provider that speaks HTTP`);
    return provider;
  }

  /** The way to a provider at a socket. */
  get proxy(): TcpProxy {
    const { proxy } = this.fixture;
    if (proxy === undefined) throw new Error(`the fixture of ${this.kind} needs a proxy, since its provider is at a socket`);
    return proxy;
  }

  /** What the connector has not; see {@link PullHarness.lacks}. */
  get lacking(): string | undefined {
    return this.#lacking;
  }

  /** Notes that a case cannot be run, for lack of something that a connector need not have. */
  lacks(what: string): void {
    this.#lacking = what;
  }

  /** After which numbers of pages the provider is made to fail: one answer is there whole before the first page, or not at all. */
  moments(...afterPages: readonly number[]): readonly number[] {
    return this.subject.oneAnswer === true ? [0] : afterPages;
  }

  /** The texts of the options that are secret, by the schema's word. */
  secrets(options: Readonly<Record<string, unknown>> = this.fixture.options): readonly string[] {
    const visits = visitOptions(this.#pull.config, options).filter(({ secret }) => secret !== false);
    const { token } = options;
    return [...visits.map(({ value }) => value), token]
      .flat()
      .filter((value) => typeof value === "string" && value !== "") as string[];
  }

  /** The entry's own options, checked. */
  async config(options: Readonly<Record<string, unknown>> = this.fixture.options): Promise<unknown> {
    return validateOptions(this.#pull.config, options);
  }

  /** Another process on the same fixture. */
  async open(options: Readonly<Record<string, unknown>> = this.fixture.options): Promise<PullSource> {
    const config = await this.config(options);
    const { fetch } = this.gate;
    const { baseDir } = this.fixture;
    const source = { kind: this.kind, name: "conformance" };
    const given = { source, clock: this.clock, fetch, storage: this.storage, ...(baseDir === undefined ? {} : { baseDir }) };
    return usable(this.kind, "pull", this.#pull.open(config, fakeContext(this.kind, given)));
  }

  get #pull(): NonNullable<Connector["pull"]> {
    const { pull } = this.subject.connector;
    if (pull === undefined) throw new Error(`connector ${this.kind} has no pull`);
    return pull;
  }

  /** The pages of a walk from the beginning that has this cause. */
  async walkFor(cause: RunCause): Promise<readonly Page[]> {
    const pages: Page[] = [];
    for await (const page of (await this.open()).pages(undefined, new AbortController().signal, cause)) pages.push(page);
    return pages;
  }

  /** The pages of a range, from `cursor` to its end. */
  async range(range: PullRange, cursor?: string): Promise<readonly Page[]> {
    const pages: Page[] = [];
    for await (const page of this.pagesOfRange(range, cursor)) pages.push(page);
    return pages;
  }

  /** The same, a page at a time, by a process of its own. */
  async *pagesOfRange(range: PullRange, cursor?: string): AsyncGenerator<Page, void> {
    yield* (await this.open()).range?.(range, cursor, new AbortController().signal) ?? [];
  }

  /** What a walk from `cursor` yields, a page at a time, by a process of its own. */
  async *pagesFrom(cursor: string): AsyncGenerator<Page, void> {
    yield* (await this.open()).pages(cursor, new AbortController().signal);
  }

  /** Walks from `cursor` to the end, or to what ends it; `onPage` may spoil the rest of the way. Default of `opened`: a process of its own. */
  async walk(
    cursor?: string,
    onPage: (count: number) => void | Promise<void> = () => undefined,
    opened?: PullSource,
  ): Promise<PulledWalk> {
    const pages: Page[] = [];
    let last = cursor;
    try {
      const source = opened ?? (await this.open());
      for await (const page of source.pages(cursor, new AbortController().signal)) {
        pages.push(page);
        last = page.cursor ?? last;
        await onPage(pages.length);
      }
      return { pages, cursor: last };
    } catch (error) {
      return { pages, cursor: last, error };
    }
  }

  /** A walk that nothing ends before its time. */
  async wholeWalk(cursor?: string): Promise<PulledWalk> {
    const walk = await this.walk(cursor);
    if ("error" in walk) throw walk.error;
    return walk;
  }
}

/** Pages with episodes: one without only says how far a walk came. */
export function filledOf(pages: readonly Page[]): readonly Page[] {
  return pages.filter(({ episodes }) => episodes.length > 0);
}

export function keysOf(pages: readonly Page[]): readonly string[] {
  return pages.flatMap((page) => page.episodes.map((episode) => episode.idempotency_key));
}

/** The error, if it is one of this connector's; anything else counts as a defect. */
export function ownError(harness: PullHarness, error: unknown): ConnectorsError {
  if (!isConnectorsError(error)) throw new Error(`not a ConnectorsError was thrown, but ${String(error)}`, { cause: error });
  if (!error.code.startsWith(harness.codePrefix)) throw new Error(`${error.code} does not begin with ${harness.codePrefix}`);
  return error;
}

import type { ConfigSchema, Connector, ConnectorContext, Episode, Page, PullSource } from "@statewave-connectors/connector-sdk";
import { openedFault, silentLogger } from "@statewave-connectors/connector-sdk/host";
import { storageInMemory } from "@statewave-connectors/connector-sdk/store";
import { type DecidingReceiver, decidingReceiver } from "./deciding-receiver.ts";
import { FakeClock } from "./fake-clock.ts";

/** An entry's own options, as its TOML would say them. */
export type EntryOptions = Readonly<Record<string, unknown>>;

/** What an entry's options become in the connector's schema, as when the configuration is loaded. Throws what the schema finds wrong. */
export async function validateOptions<Config>(schema: ConfigSchema<Config>, options: EntryOptions): Promise<Config> {
  const result = await schema["~standard"].validate(options);
  if (result.issues === undefined) return result.value;
  throw new Error(`the options are refused: ${result.issues.map((issue) => issue.message).join("; ")}`);
}

/** The context of an entry named `main`, with a clock that stands still and a logger that is silent, but for what is `given`. */
export function fakeContext(kind: string, given: Partial<ConnectorContext> = {}): ConnectorContext {
  const clock = given.clock ?? new FakeClock();
  return {
    source: { kind, name: "main" },
    baseDir: "/nowhere",
    clock,
    random: () => 0.5,
    fetch: globalThis.fetch,
    logger: silentLogger,
    reportHealth: () => undefined,
    storage: storageInMemory(clock),
    ...given,
  };
}

/** What `open()` returned, if the runner can use it. */
export function usable<Opened>(kind: string, direction: "pull" | "push", opened: Opened): Opened {
  const fault = openedFault(opened, direction);
  if (fault !== undefined) throw new Error(`open() of the ${direction} of ${kind} returned ${fault}`);
  return opened;
}

/** A `[[pull.<kind>]]` entry that is open. */
export interface OpenEntry {
  readonly source: PullSource;
  readonly context: ConnectorContext;
  /** The pages from `cursor` to the end. */
  readonly walk: (cursor?: string, signal?: AbortSignal) => Promise<readonly Page[]>;
}

/** Opens a pull entry as the runner does, with its options checked by the connector's schema. */
export async function openEntry(
  { kind, pull }: Connector,
  options: EntryOptions,
  given: Partial<ConnectorContext> = {},
): Promise<OpenEntry> {
  if (pull === undefined) throw new Error(`connector ${kind} has no pull`);
  const context = fakeContext(kind, given);
  const source = usable(kind, "pull", pull.open(await validateOptions(pull.config, options), context));
  return {
    source,
    context,
    async walk(cursor, signal = new AbortController().signal) {
      const pages: Page[] = [];
      for await (const page of source.pages(cursor, signal)) pages.push(page);
      return pages;
    },
  };
}

/** A `[[push.<kind>]]` entry that is open. */
export interface OpenReceiver {
  readonly receiver: DecidingReceiver;
  readonly context: ConnectorContext;
  /** What a stored delivery becomes. */
  readonly episodesOf: (body: string | Uint8Array, headers?: Readonly<Record<string, string>>) => Promise<readonly Episode[]>;
}

/** Opens a receiver as the runner does, with its options checked by the connector's schema. */
export async function openReceiver(
  { kind, push }: Connector,
  options: EntryOptions,
  given: Partial<ConnectorContext> = {},
): Promise<OpenReceiver> {
  if (push === undefined) throw new Error(`connector ${kind} has no receiver`);
  const context = fakeContext(kind, given);
  const receiver = decidingReceiver(usable(kind, "push", push.open(await validateOptions(push.config, options), context)));
  return {
    receiver,
    context,
    async episodesOf(body, headers = {}) {
      const event = { headers, body: Buffer.from(body), receivedAtMs: context.clock.now() };
      const episodes: Episode[] = [];
      for await (const page of receiver.pages(event, new AbortController().signal)) episodes.push(...page.episodes);
      return episodes;
    },
  };
}

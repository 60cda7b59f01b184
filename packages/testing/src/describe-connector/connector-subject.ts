import type { Connector, FailedItem } from "@statewave-connectors/connector-sdk";
import type { FakeClock } from "../fake-clock.ts";
import type { GateRequest } from "../provider-gate.ts";
import type { TcpProxy } from "../start-tcp-proxy.ts";
import type { ListShape, RequestValue } from "./list-shape.ts";

/** A source that stands still, large enough for three pages or more. */
export interface PullFixture {
  /** The entry's own options, as its TOML would say them. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Where relative paths in the options start. */
  readonly baseDir?: string;
  /** Default: one at 2026-01-01. */
  readonly clock?: FakeClock;
  /** What the connector's requests go through to the provider. Default: the network. */
  readonly fetch?: typeof globalThis.fetch;
  /** The most episodes that one page of the provider makes. */
  readonly maxEpisodesPerPage: number;
  /** Of a provider at a socket: the way to it, which the suite breaks. The options lead through it. */
  readonly proxy?: TcpProxy;
  /** Of a provider at a socket: options with credentials that it refuses. */
  readonly refusedOptions?: Readonly<Record<string, unknown>>;
  /** Without HTTP: options of an entry that cannot work, such as a folder that is not there. */
  readonly brokenOptions?: Readonly<Record<string, unknown>>;
  /** Without HTTP: changes the item that a walk reads last, and answers with a word of its new text. */
  readonly changeLast?: () => string | Promise<string>;
  /** Breaks an item at the source, of the walk's first pages, so that it cannot be mapped. */
  readonly breakOne?: () => void | Promise<void>;
  /** Adds an item behind all others, which is dated `at`. */
  readonly addOne?: (at: Date) => void | Promise<void>;
  /** Every item of the source as `FailedItem` has it. Needed for a pull with `map` or `fetchItem`. */
  readonly rawItems?: () => readonly RawItem[] | Promise<readonly RawItem[]>;
  /** Ids of the parts of the source, as `wait` and triggers name them. */
  readonly parts?: readonly string[];
  /** Makes the provider report news, so that a `wait` that is under way requests a run. */
  readonly news?: () => void | Promise<void>;
  /** Puts something at the provider that a `wait` finds and cannot read. */
  readonly strange?: () => StrangeFind | Promise<StrangeFind>;
  /** The id of an item that the source does not have. */
  readonly absentId?: string;
  close?(): void | Promise<void>;
}

/** Something that is no news, where a `wait` looks for news. */
export interface StrangeFind {
  /** Whether the provider still has it for the next `wait`. */
  readonly isHeld: () => boolean;
}

/** An item of the source, with its id and in its raw form. */
export type RawItem = Required<Pick<FailedItem, "id" | "raw">>;

/** How a provider on the network says what goes wrong. The other faults look the same everywhere. */
export interface NetworkProvider {
  /** The most requests between two pages, and before the first. */
  readonly maxRequestsPerPage: number;
  /** Whether the connector reads one page ahead, as with `readAhead`. Default: it requests nothing while the runner delivers a page. */
  readonly readsAhead?: boolean;
  /** "Too much", with a time to come back that lies within a day of `nowMs`. */
  rateLimited(nowMs: number): Response;
  /** "I do not know these credentials." */
  unauthorized(): Response;
  /**
   * Where its answers have what a walk follows: with it the suite makes lists repeat themselves, lie about their end, and break. Several
   * for lists of different forms: a page has the first form whose items it has.
   */
  readonly lists?: ListShape | readonly ListShape[];
  /** Which requests are for a token, and not for the source: the suite lets them pass. Absent: none is. */
  readonly isToken?: (request: GateRequest) => boolean;
  /** Which part of the source a request reads, such as a repository or a channel. For a source that consists of parts. */
  readonly part?: RequestValue;
}

/** A provider that speaks another protocol than HTTP: a real server, behind the proxy of the fixture. */
export interface SocketProvider {
  readonly socket: true;
}

/** A connector's pull that the suite is run on. */
export interface ConnectorSubject {
  readonly connector: Connector;
  /** `none`: the source is on this machine. Then, as with a socket, that nothing is fetched is tested instead. */
  readonly provider: NetworkProvider | SocketProvider | "none";
  /** The provider gives the whole list in one answer, as a feed and a calendar do. Then a walk has one request, and any number of pages. */
  readonly oneAnswer?: true;
  /** Called for each case. A provider of one's own listens at a URL in the options. */
  open(): PullFixture | Promise<PullFixture>;
}

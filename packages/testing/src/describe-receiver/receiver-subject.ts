import type { Connector } from "@statewave-connectors/connector-sdk";

/** What the provider's signature is made from. */
export interface UnsignedDelivery {
  readonly body: Uint8Array;
  readonly secret: string;
  /** When it is signed, epoch milliseconds. */
  readonly atMs: number;
  /** Those of the sample, which a provider may sign as well. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One delivery as the provider sends it, and what is to become of it. */
export interface ReceiverSample {
  readonly name: string;
  readonly body: string | Uint8Array;
  /** Besides those that `sign` adds: an event's name, a delivery's id. Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What `receive` decides. Default `event`. */
  readonly received?: "event" | "trigger" | "respond";
  /** The id it is stored under. Absent: it has none, and every copy is stored. */
  readonly id?: string;
  /** Whether it says that the source can bring no more, such as the notice that an app was uninstalled. Default: no. */
  readonly tellsLoss?: boolean;
  /** The kinds of the episodes that it becomes, in order. Default: none. */
  readonly kinds?: readonly string[];
}

/** How a provider signs. What is declared absent is tested to be absent. */
export interface ReceiverCapabilities {
  /** The header with the signature, in lower case. */
  readonly signatureHeader: string;
  /** How far a signed time may be off; `none`: no time is signed, so a delivery of last year is as good as today's. */
  readonly toleranceSeconds: number | "none";
  /** How many secrets an entry may hold: two while one is rotated. */
  readonly secrets: 1 | 2;
  /** `sender`: a token or a password proves who sends, and nothing of the body. Default `request`. */
  readonly proves?: "request" | "sender";
  /** Whether the header holds several signatures; one valid is enough. Default: no. */
  readonly severalSignatures?: boolean;
  /** Whether verifying fetches the sender's keys. Default: no, it sends no request. */
  readonly fetchesKeys?: boolean;
}

/** A receiver that the suite is run on. */
export interface ReceiverSubject {
  readonly connector: Connector;
  readonly capabilities: ReceiverCapabilities;
  /** The entry's own options with these secrets, as its TOML would say it; with `secretOf`, as that spells them. */
  readonly options: (secrets: readonly string[]) => Readonly<Record<string, unknown>>;
  /** The headers by which the provider signs a delivery, in lower case. */
  readonly sign: (delivery: UnsignedDelivery) => Readonly<Record<string, string>>;
  /** How a secret is spelled in the entry, where it has a form: `whsec_…`, a public key. Default: as it is. */
  readonly secretOf?: (secret: string) => string;
  /** At least one is stored. */
  readonly samples: readonly ReceiverSample[];
  /** The provider, if mapping requests it. Default: no network. */
  readonly fetch?: typeof globalThis.fetch;
}

import type {
  Episode,
  PushReceiver,
  Received,
  ReceivedEvent,
  ReceivedRequest,
  SourceHealth,
} from "@statewave-connectors/connector-sdk";
import { assertVerifies, type FetchHandlerOptions, toFetchHandler } from "@statewave-connectors/connector-sdk/receive";
import type { SampleMark, WebhookSample } from "@statewave-connectors/connector-sdk/signature";
import { type DecidingReceiver, decidingReceiver } from "../deciding-receiver.ts";
import { FakeClock } from "../fake-clock.ts";
import { fakeContext, validateOptions } from "../open-entry.ts";
import { ProviderGate } from "../provider-gate.ts";
import type { ReceiverSample, ReceiverSubject } from "./receiver-subject.ts";

/** What a request differs in from its sample, signed now with the entry's secret. */
export interface Spoiling {
  readonly body?: string | Uint8Array;
  readonly secret?: string;
  readonly signedAtMs?: number;
  /** Replace signed headers of the same name; undefined takes one away. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

const largestBody = 32 * 1024 * 1024;

const awayFetch: typeof globalThis.fetch = () => Promise.reject(new TypeError("fetch failed"));

/** Sends a receiver whatever a case wants sent. */
export class ReceiverHarness {
  readonly subject: ReceiverSubject;
  readonly clock = new FakeClock();
  readonly secret = "conformance-secret-7d1f0c62";
  readonly gate: ProviderGate;
  /** What any receiver opened here reported of the source. */
  readonly health: SourceHealth[] = [];

  constructor(subject: ReceiverSubject) {
    this.subject = subject;
    this.gate = new ProviderGate(subject.fetch ?? awayFetch);
  }

  get path(): string {
    return `/${this.subject.connector.kind}/conformance/events`;
  }

  /** What the codes of this connector begin with. */
  get codePrefix(): string {
    return `${this.subject.connector.kind.toUpperCase().replaceAll("-", "_")}_`;
  }

  /** The first sample that is stored: an event if there is one. */
  get event(): ReceiverSample {
    const { samples } = this.subject;
    const sample =
      samples.find(({ received = "event" }) => received === "event") ?? samples.find(({ received }) => received === "trigger");
    if (sample === undefined) throw new Error("no sample is stored");
    return sample;
  }

  /** What becomes of `event`. */
  get eventType(): Received["type"] {
    return this.event.received ?? "event";
  }

  async open(secrets: readonly string[] = [this.secret]): Promise<DecidingReceiver> {
    const { kind, push } = this.subject.connector;
    if (push === undefined) throw new Error(`connector ${kind} has no receiver`);
    const config: unknown = await validateOptions(
      push.config,
      this.subject.options(secrets.map(this.subject.secretOf ?? String)),
    );
    const reportHealth = (health: SourceHealth) => void this.health.push(health);
    const source = { kind, name: "conformance" };
    const receiver = push.open(config, fakeContext(kind, { source, clock: this.clock, fetch: this.gate.fetch, reportHealth }));
    assertVerifies(receiver);
    return decidingReceiver(receiver, { clock: this.clock, maxBodyBytes: push.maxBodyBytes ?? largestBody });
  }

  /** What the connector's own samples carry. */
  get mark(): SampleMark {
    return { id: "statewave-sample-conformance", atMs: this.clock.now() };
  }

  /** The samples that the connector offers; undefined: it offers none. */
  async ownSamples(): Promise<readonly WebhookSample[] | undefined> {
    const { push } = this.subject.connector;
    if (push?.samples === undefined) return undefined;
    const options = this.subject.options([this.secret].map(this.subject.secretOf ?? String));
    return push.samples(await validateOptions<unknown>(push.config, options), this.mark);
  }

  request(sample: ReceiverSample, spoiling: Spoiling = {}): ReceivedRequest {
    const body = toBytes(spoiling.body ?? sample.body);
    const { secret = this.secret, signedAtMs = this.clock.now() } = spoiling;
    const signed = this.subject.sign({ body, secret, atMs: signedAtMs, headers: sample.headers ?? {} });
    const headers = { "content-type": "application/json", ...sample.headers, ...signed, ...spoiling.headers };
    return {
      method: "POST",
      path: this.path,
      headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)),
      body,
      receivedAtMs: this.clock.now(),
    };
  }

  /** The header with a sound signature of the sample. */
  signatureOf(sample: ReceiverSample): string {
    const { signatureHeader } = this.subject.capabilities;
    const signature = this.request(sample).headers[signatureHeader];
    if (signature === undefined) throw new Error(`sign() adds no header ${signatureHeader}`);
    return signature;
  }

  /** The receiver as it is mounted anywhere, before a store. */
  handler(receiver: PushReceiver, accept: FetchHandlerOptions["accept"]): (request: ReceivedRequest) => Promise<Response> {
    const source = { kind: this.subject.connector.kind, name: "conformance" };
    const handle = toFetchHandler({ source, receiver, accept, clock: this.clock, maxBodyBytes: largestBody });
    return (request) => handle(toRequest(request));
  }
}

/** What the store hands back of it. */
export function asStored(received: Received, request: ReceivedRequest): ReceivedEvent {
  if (received.type !== "event") throw new Error(`received as ${received.type}, not as an event`);
  const { id, headers = {}, body = request.body } = received;
  return { ...(id === undefined ? {} : { id }), headers, body, receivedAtMs: request.receivedAtMs };
}

/** All episodes that an event becomes. */
export async function mapEvent(receiver: PushReceiver, event: ReceivedEvent): Promise<readonly Episode[]> {
  const episodes: Episode[] = [];
  for await (const page of receiver.pages(event, new AbortController().signal)) episodes.push(...page.episodes);
  return episodes;
}

export function toBytes(body: string | Uint8Array): Uint8Array {
  return typeof body === "string" ? new TextEncoder().encode(body) : Uint8Array.from(body);
}

function toRequest({ method, path, headers, body }: ReceivedRequest): Request {
  const withBody = method === "GET" || method === "HEAD" ? {} : { body: Uint8Array.from(body) };
  return new Request(new URL(path, "http://localhost"), { method, headers: headers as Record<string, string>, ...withBody });
}

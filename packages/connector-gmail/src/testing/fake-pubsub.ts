import { setTimeout as delay } from "node:timers/promises";
import type { ProviderAnswer } from "@statewave-connectors/testing/fake-provider";

interface Held {
  readonly messageId: string;
  readonly data: string;
  readonly publishTime: string;
  ackId: string;
  /** Not delivered again before, epoch milliseconds. */
  hiddenUntilMs: number;
  attempts: number;
}

/** Topics with pull subscriptions. Every subscription of a topic has each message until it is acknowledged. */
export class FakePubsub {
  /** How long a pull waits for a message. */
  waitMs = 50;
  /** How long a message that was pulled is not pulled again. */
  ackDeadlineMs = 10_000;
  /** Everything that was published, as a push subscription sends it. */
  readonly pushed: string[] = [];
  readonly #subscriptions = new Map<string, { readonly topic: string; readonly held: Map<string, Held> }>();
  readonly #now: () => number;
  #count = 0;
  #published = Promise.withResolvers<void>();

  constructor(now: () => number) {
    this.#now = now;
  }

  subscribe(subscription: string, topic: string): void {
    this.#subscriptions.set(subscription, { topic, held: new Map() });
  }

  /** Publishes a JSON value, or a text as it is. */
  publish(topic: string, value: unknown): void {
    this.#count += 1;
    const messageId = String(2_000_000_000_000 + this.#count);
    const data = Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64");
    const publishTime = new Date(this.#now()).toISOString();
    for (const { topic: of, held } of this.#subscriptions.values()) {
      if (of === topic) held.set(messageId, { messageId, data, publishTime, ackId: "", hiddenUntilMs: 0, attempts: 0 });
    }
    const message = { data, messageId, message_id: messageId, publishTime, publish_time: publishTime };
    this.pushed.push(JSON.stringify({ message, subscription: "projects/fake-project/subscriptions/push" }));
    this.#published.resolve();
    this.#published = Promise.withResolvers();
  }

  /** How many messages of a subscription are not acknowledged. */
  unacknowledged(subscription: string): number {
    return this.#subscriptions.get(subscription)?.held.size ?? 0;
  }

  /** `POST /v1/{subscription}:pull`, `:acknowledge`, `:modifyAckDeadline` */
  async answer(subscription: string, method: string, body: Readonly<Record<string, unknown>>): Promise<ProviderAnswer> {
    const held = this.#subscriptions.get(subscription)?.held;
    if (held === undefined) return errorAnswer(404, "NOT_FOUND", `Resource not found (resource=${subscription}).`);
    if (method === "pull") return await this.#pull(held, body["maxMessages"]);
    const ackIds = body["ackIds"];
    if (!Array.isArray(ackIds) || ackIds.length === 0) return errorAnswer(400, "INVALID_ARGUMENT", "No ack ids specified.");
    const chosen = [...held.values()].filter(({ ackId }) => ackId !== "" && ackIds.includes(ackId));
    if (method === "acknowledge") {
      for (const { messageId } of chosen) held.delete(messageId);
      return { body: {} };
    }
    if (method !== "modifyAckDeadline") return errorAnswer(404, "NOT_FOUND", "no such method");
    const seconds = body["ackDeadlineSeconds"];
    if (typeof seconds !== "number" || seconds < 0 || seconds > 600)
      return errorAnswer(400, "INVALID_ARGUMENT", "Invalid ack deadline.");
    for (const message of chosen) message.hiddenUntilMs = this.#now() + seconds * 1_000;
    return { body: {} };
  }

  async #pull(held: ReadonlyMap<string, Held>, maxMessages: unknown): Promise<ProviderAnswer> {
    if (typeof maxMessages !== "number" || maxMessages < 1)
      return errorAnswer(400, "INVALID_ARGUMENT", "max_messages must be positive.");
    const ready = () => [...held.values()].filter(({ hiddenUntilMs }) => hiddenUntilMs <= this.#now()).slice(0, maxMessages);
    if (ready().length === 0) await Promise.race([this.#published.promise, delay(this.waitMs, undefined, { ref: false })]);
    const receivedMessages = ready().map((message) => {
      message.attempts += 1;
      message.ackId = `ack-${message.messageId}-${message.attempts}`;
      message.hiddenUntilMs = this.#now() + this.ackDeadlineMs;
      const { ackId, data, messageId, publishTime } = message;
      return { ackId, message: { data, messageId, publishTime } };
    });
    return { body: receivedMessages.length === 0 ? {} : { receivedMessages } };
  }
}

/** An error in Google's form. */
export function errorAnswer(code: number, status: string, message: string, reason?: string): ProviderAnswer {
  const errors = reason === undefined ? {} : { errors: [{ message, domain: "global", reason }] };
  return { status: code, body: { error: { code, message, ...errors, status } } };
}

type Json = Record<string, unknown>;

/** What GraphQL knows of the past, and REST's lists do not. */
export class History {
  /** GitHub records an event behind the row that it changes, now and then in the next second. */
  lagSeconds = 0;
  readonly #nowSeconds: () => number;
  readonly #events = new Map<number, Json[]>();
  readonly #edits = new Map<unknown, string>();

  constructor(nowSeconds: () => number) {
    this.#nowSeconds = nowSeconds;
  }

  happened(number: number, event: Json): void {
    const full = { ...event, createdAt: this.#at(), actor: { login: "hubot" } };
    this.#events.set(number, [...this.of(number), full]);
  }

  edited(nodeId: unknown): void {
    this.#edits.set(nodeId, this.#at());
  }

  of(number: number): readonly Json[] {
    return this.#events.get(number) ?? [];
  }

  lastEditedAt(nodeId: unknown): string | undefined {
    return this.#edits.get(nodeId);
  }

  #at(): string {
    return iso(this.#nowSeconds() + this.lagSeconds);
  }
}

/** An instant as GitHub writes it. */
export function iso(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace(".000Z", "Z");
}

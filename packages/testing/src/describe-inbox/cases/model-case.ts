import { expect } from "vitest";
import type { Inbox, Settlement } from "@statewave-connectors/connector-sdk/inbox";
import { seededRandom } from "../../seeded-random.ts";
import type { InboxCase } from "../inbox-case.ts";
import { InboxModel } from "../inbox-model.ts";
import type { HeldItem, HoldingConsumer, InboxHarness } from "../inbox-harness.ts";
import { github, slack, textEvent, textOf } from "../samples.ts";
import { itemAt, required } from "../../required.ts";

const steps = 150;
const sources = [slack, github];
const maxItemsPerSource = 3;
const maxDepth = 25;
const windowUnits = 20;

/**
 * Walks an inbox and the model through the same random steps, and compares them after each.
 *
 * On a server's clock nothing waits for time to pass: what is retried is ready at once or not within the walk, and no window ends.
 */
class ModelWalk {
  readonly #harness: InboxHarness;
  readonly #random: () => number;
  readonly #model: InboxModel;
  #inbox: Inbox;
  #consumer: HoldingConsumer;
  #accepted = 0;
  readonly #isTimed: boolean;

  constructor(harness: InboxHarness, inbox: Inbox, random: () => number) {
    this.#harness = harness;
    this.#random = random;
    this.#isTimed = harness.subject.capabilities.clock === "injected";
    this.#model = new InboxModel(windowUnits * harness.unitMs, maxDepth);
    this.#inbox = inbox;
    this.#consumer = harness.consume(inbox, { maxItemsPerSource });
  }

  async step(): Promise<void> {
    const roll = this.#random();
    if (roll < 0.4) await this.#accept();
    else if (roll < 0.75) await this.#settle();
    else if (roll < 0.85) await this.#pass();
    else if (roll < 0.92) await this.#moveLetter();
    else if (roll < 0.96) await this.#restartConsumer();
    else await this.#reopen();
    await this.#compare();
  }

  async #accept(): Promise<void> {
    const source = itemAt(sources, this.#pick(sources.length));
    const id = this.#random() < 0.7 ? `id-${this.#pick(15)}` : undefined;
    const text = `item ${(this.#accepted += 1)}`;
    const expected = this.#model.accept(source.kind, id, text, this.#harness.clock.now());
    const event = { ...textEvent(text, source), ...(id === undefined ? {} : { id }) };
    const outcome = await this.#inbox.accept(event).catch((error: { readonly code?: string }) => error.code);
    expect(outcome).toBe(expected === "full" ? "INBOX_FULL" : expected);
  }

  async #settle(): Promise<void> {
    const claim = this.#consumer.held[this.#pick(this.#consumer.held.length)];
    if (claim === undefined) return;
    const item = required(this.#model.items.get(textOf(claim.item)), textOf(claim.item));
    expect(claim.attempt).toBe(item.attempt);
    const roll = this.#random();
    if (roll < 0.4) {
      this.#model.items.delete(item.text);
      await this.#store(claim, { type: "done" });
    } else if (roll < 0.8) {
      const afterMs = this.#delayMs();
      Object.assign(item, { attempt: item.attempt + 1, readyAtMs: this.#harness.clock.now() + afterMs, claimed: false });
      await this.#store(claim, { type: "retry", afterMs });
    } else {
      this.#model.bury(item);
      await this.#store(claim, { type: "dead", reason: item.text });
    }
  }

  /** Behind it, nothing but what {@link #compare} waits for is under way. */
  async #store(claim: HeldItem, settlement: Settlement): Promise<void> {
    await (this.#isTimed ? claim.settle(settlement) : claim.decide(settlement));
  }

  async #pass(): Promise<void> {
    const units = Math.ceil(this.#random() * 5);
    if (this.#isTimed) await this.#harness.pass(units * this.#harness.unitMs);
  }

  #delayMs(): number {
    const units = this.#pick(6);
    return this.#isTimed ? units * this.#harness.unitMs : units < 4 ? 0 : 60 * 60_000;
  }

  async #moveLetter(): Promise<void> {
    const letters = await this.#inbox.listDeadLetters({ limit: 1_000 });
    const index = this.#pick(letters.length);
    const letter = letters[index];
    if (letter === undefined) return;
    if (this.#random() < 0.5) {
      expect(await this.#inbox.retryDeadLetters([letter.key])).toBe(1);
      this.#model.retryLetter(index, this.#harness.clock.now());
    } else {
      expect(await this.#inbox.discardDeadLetters([letter.key])).toBe(1);
      this.#model.letters.splice(index, 1);
    }
  }

  async #restartConsumer(): Promise<void> {
    await this.#consumer.stopHard();
    this.#model.giveBack();
    this.#consumer = this.#harness.consume(this.#inbox, { maxItemsPerSource });
  }

  async #reopen(): Promise<void> {
    if (!this.#harness.subject.capabilities.persistent) return;
    await this.#inbox.close();
    this.#model.giveBack();
    this.#inbox = await this.#harness.open({ maxDepth, dedupWindowMs: windowUnits * this.#harness.unitMs });
    this.#consumer = this.#harness.consume(this.#inbox, { maxItemsPerSource });
  }

  async #compare(): Promise<void> {
    const model = this.#model;
    await this.#consumer.holding(model.claimable(maxItemsPerSource, this.#harness.clock.now()));
    if (this.#isTimed) await this.#consumer.rest();
    else await this.#harness.within(this.#untilCounted(), () => `${model.items.size} items in the figures`);
    const { held } = this.#consumer;
    expect(held).toHaveLength(model.claimable(maxItemsPerSource, this.#harness.clock.now()));
    for (const { item } of held) {
      const known = required(model.items.get(textOf(item)), textOf(item));
      expect(known.source).toBe(item.source.kind);
      known.claimed = true;
    }
    const stats = await this.#inbox.stats();
    expect(stats.depth).toBe(model.items.size);
    expect(stats.bytes).toBe([...model.items.keys()].join("").length);
    const reasons = (await this.#inbox.listDeadLetters({ limit: 1_000 })).map(({ reason }) => reason);
    expect(reasons).toEqual(model.letters.map(({ text }) => text));
  }

  async #untilCounted(): Promise<void> {
    while ((await this.#inbox.stats()).depth !== this.#model.items.size);
  }

  #pick(count: number): number {
    return Math.floor(this.#random() * count);
  }
}

export const modelCase: InboxCase = {
  title: "agrees with a plain model through random steps",
  async run(harness) {
    const seed = Math.floor(Math.random() * 2 ** 32);
    const inbox = await harness.open({ maxDepth, dedupWindowMs: windowUnits * harness.unitMs });
    const walk = new ModelWalk(harness, inbox, seededRandom(seed));
    for (let step = 0; step < steps; step += 1) {
      try {
        await walk.step();
      } catch (error) {
        throw new Error(`seed ${seed}, step ${step}: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        });
      }
    }
  },
};

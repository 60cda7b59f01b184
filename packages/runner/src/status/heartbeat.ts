import { hostname } from "node:os";
import type { Clock, Logger } from "@statewave-connectors/connector-sdk";
import { maskSecrets } from "@statewave-connectors/connector-sdk/secrets";
import type { StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { within } from "../deadline/within.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { EntryHealth } from "../health/sources/entry-health.ts";
import type { Access } from "../sinks/statewave/check-access.ts";
import { steadyNow } from "../steady-now.ts";
import { version } from "../version.ts";
import { EntryNotes } from "./entry-notes.ts";
import { type BeatSink, beatScope, formatBeat } from "./process-beat.ts";

export interface HeartbeatOptions {
  /** Undefined: the store keeps none, and no other process sees this one. */
  readonly records: StoreRecords | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Unique per process. */
  readonly owner: string;
  readonly entries: { readonly pulls: { readonly length: number }; readonly pushes: { readonly length: number } };
  readonly sink: { readonly description: string };
  readonly delivery: Pick<Delivery, "state" | "onStateChange">;
  readonly healths: { readonly all: readonly EntryHealth[] };
}

export const beatEveryMs = 20_000;
/** For so long after a crash a process counts as running. */
const ttlMs = 60_000;
/** A change of the sink is written after so long; until then it may change back. */
const changeAfterMs = 1_000;
const answerWithinMs = 10_000;
const deleteWithinMs = 2_000;
const mostReasonCharacters = 300;

/** Keeps a sign of life of this process in the store, and what it notices of its sink and its entries. Nothing waits for it. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #startedAtMs: number;
  readonly #notes: EntryNotes | undefined;
  /** What a look at the sink showed that was not tried yet. */
  #look: Omit<BeatSink, "label"> | undefined;
  #version = 0;
  #isStopped = false;
  #beating: Promise<void> = Promise.resolve();
  /** When the next beat is planned, in elapsed time. */
  #dueMs = Infinity;
  #cancel: () => void = () => undefined;
  #unsubscribe: () => void = () => undefined;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#startedAtMs = options.clock.now();
    this.#notes = options.records && new EntryNotes(options.records);
  }

  begin(): void {
    if (this.#options.records === undefined) return;
    let { status } = this.#sink();
    this.#unsubscribe = this.#options.delivery.onStateChange(() => {
      const shown = this.#sink().status;
      if (shown === status) return;
      status = shown;
      this.beatSoon();
    });
    this.#beatWithin(0);
  }

  /** Something has changed that other processes must learn before the next regular beat. */
  beatSoon(): void {
    if (this.#options.records !== undefined) this.#beatWithin(changeAfterMs);
  }

  /** A look at Statewave before anything was sent. */
  looked(access: Access): void {
    const takes = access.type === "granted" || access.type === "limited";
    const status = access.type === "refused" ? "stopped" : "failing";
    const before = this.#look;
    const sinceMs = before?.status === status ? before.sinceMs : this.#options.clock.now();
    this.#look = takes ? undefined : { status, sinceMs, reason: shownReason(access.reason) };
    if (this.#look?.status !== before?.status) this.beatSoon();
  }

  /** Takes the sign of life away, if the store answers. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    this.#unsubscribe();
    const { clock, owner, records } = this.#options;
    const deleting = async () => {
      await this.#beating;
      if (this.#version > 0) await records?.compareAndSet({ scope: beatScope, key: owner, expectedVersion: this.#version });
    };
    await within({ clock, timeoutMs: deleteWithinMs }, deleting).catch(() => undefined);
  }

  /** An earlier plan stays: a sink that changes all the time must not put off the beat for ever. */
  #beatWithin(delayMs: number): void {
    const { clock } = this.#options;
    const dueMs = steadyNow(clock) + delayMs;
    if (this.#isStopped || this.#dueMs <= dueMs) return;
    this.#cancel();
    this.#dueMs = dueMs;
    this.#cancel = clock.after(delayMs, () => {
      this.#dueMs = Infinity;
      // One after the other: each expects the version that the one before has written.
      this.#beating = this.#beating.then(() => this.#beat()).finally(() => this.#beatWithin(beatEveryMs));
    });
  }

  async #beat(): Promise<void> {
    const { clock, logger, healths } = this.#options;
    try {
      await within({ clock, timeoutMs: answerWithinMs }, async () => {
        await this.#write();
        await this.#notes?.write(healths.all);
      });
    } catch (error) {
      logger.debug("the sign of life of this process could not be stored", { error });
    }
  }

  async #write(): Promise<void> {
    const { records, owner, entries, clock } = this.#options;
    const value = formatBeat({
      owner,
      host: hostname(),
      pid: process.pid,
      version,
      startedAtMs: this.#startedAtMs,
      seenAtMs: clock.now(),
      pulls: entries.pulls.length,
      pushes: entries.pushes.length,
      sink: this.#sink(),
    });
    const write = { scope: beatScope, key: owner, value, ttlMs };
    let result = await records?.compareAndSet({ ...write, expectedVersion: this.#version });
    // It has expired, because this process stood still or the store did not answer.
    if (result?.stored === false)
      result = await records?.compareAndSet({ ...write, expectedVersion: result.current?.version ?? 0 });
    if (result?.stored === true) this.#version = result.version;
  }

  #sink(): BeatSink {
    const { sink, delivery } = this.#options;
    const { status, tried, sinceMs, reason } = delivery.state;
    if (!tried) return { label: sink.description, status: "unknown", ...this.#look };
    return { label: sink.description, status, sinceMs, reason: reason === undefined ? undefined : shownReason(reason) };
  }
}

function shownReason(reason: string): string {
  return maskSecrets(reason).slice(0, mostReasonCharacters).toWellFormed();
}

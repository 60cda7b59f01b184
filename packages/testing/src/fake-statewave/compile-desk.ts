import { randomUUID } from "node:crypto";
import type { StoredEpisode } from "./episode-table.ts";

/** A compiled memory as the API shows it. */
export interface MemoryRow {
  readonly id: string;
  readonly subject_id: string;
  readonly kind: "episode_summary";
  readonly content: string;
  readonly summary: string;
  readonly confidence: number;
  readonly valid_from: string;
  readonly valid_to: null;
  readonly source_episode_ids: readonly string[];
  readonly metadata: object;
  readonly status: "active";
  readonly created_at: string;
  readonly updated_at: string;
}

/** What became of a subject's episodes so far. */
export interface CompiledSubject {
  readonly tenant_id: string | null;
  readonly subject_id: string;
  /** Compiles that found something to compile, each counted once, however many calls it took. */
  readonly compiles: number;
  /** Calls, also those that found nothing. A job is one. */
  readonly calls: number;
  readonly compiled: number;
  readonly uncompiled: number;
}

/** One call: up to a batch of episodes. */
export interface CompiledBatch {
  readonly memories: readonly MemoryRow[];
  readonly created: number;
  readonly remaining: number;
}

interface Subject {
  readonly tenantId: string | null;
  readonly subjectId: string;
  /** Empty when the fake keeps no rows. */
  rows: StoredEpisode[];
  uncompiled: number;
  compiled: number;
  compiles: number;
  calls: number;
  isDraining: boolean;
  /** Until when the memories of the last call are being embedded. */
  embeddingUntilMs: number;
}

export interface CompileDeskOptions {
  readonly batchSize: number;
  /** For so long after a call another one for the same subject collides with the embedding of its memories. */
  readonly embeddingMs: number;
  readonly keepsRows: boolean;
  readonly now: () => number;
}

/** The heuristic compiler: of each episode a summary, which is the first 500 characters of its text. */
export class CompileDesk {
  readonly #options: CompileDeskOptions;
  readonly #subjects = new Map<string, Subject>();

  constructor(options: CompileDeskOptions) {
    this.#options = options;
  }

  get subjects(): readonly CompiledSubject[] {
    return Array.from(this.#subjects.values(), ({ tenantId, subjectId, compiles, calls, compiled, uncompiled }) => ({
      tenant_id: tenantId,
      subject_id: subjectId,
      compiles,
      calls,
      compiled,
      uncompiled,
    }));
  }

  /** A row is stored. */
  stored(row: StoredEpisode): void {
    const subject = this.#subject(row.tenant_id, row.subject_id);
    subject.uncompiled += 1;
    if (this.#options.keepsRows) subject.rows.push(row);
  }

  called(tenantId: string | null, subjectId: string): void {
    this.#subject(tenantId, subjectId).calls += 1;
  }

  /** Compiles a batch. Undefined: it deadlocks with the embedding of the batch before, and nothing is compiled. */
  compile(tenantId: string | null, subjectId: string): CompiledBatch | undefined {
    const { batchSize, embeddingMs, now } = this.#options;
    const subject = this.#subject(tenantId, subjectId);
    const count = Math.min(batchSize, subject.uncompiled);
    if (count > 0 && now() < subject.embeddingUntilMs) return undefined;
    const rows = subject.rows.splice(0, count);
    const createdAt = new Date(now()).toISOString();
    subject.uncompiled -= count;
    subject.compiled += count;
    if (count > 0) {
      if (!subject.isDraining) subject.compiles += 1;
      subject.embeddingUntilMs = now() + embeddingMs;
    }
    subject.isDraining = subject.uncompiled > 0;
    return { memories: rows.map((row) => toMemory(row, createdAt)), created: count, remaining: subject.uncompiled };
  }

  #subject(tenantId: string | null, subjectId: string): Subject {
    const key = JSON.stringify([tenantId, subjectId]);
    let subject = this.#subjects.get(key);
    if (subject === undefined) {
      const counts = { uncompiled: 0, compiled: 0, compiles: 0, calls: 0, isDraining: false, embeddingUntilMs: 0 };
      subject = { tenantId, subjectId, rows: [], ...counts };
      this.#subjects.set(key, subject);
    }
    return subject;
  }
}

const summaryLength = 500;

function toMemory({ id, subject_id, payload, created_at: ingestedAt }: StoredEpisode, createdAt: string): MemoryRow {
  const text: unknown = Reflect.get(payload, "text");
  const eventTime: unknown = Reflect.get(payload, "event_time");
  const summary = typeof text === "string" ? text.slice(0, summaryLength) : "";
  return {
    id: randomUUID(),
    subject_id,
    kind: "episode_summary",
    content: summary,
    summary,
    confidence: 0.5,
    valid_from: typeof eventTime === "string" ? eventTime : ingestedAt,
    valid_to: null,
    source_episode_ids: [id],
    metadata: {},
    status: "active",
    created_at: createdAt,
    updated_at: createdAt,
  };
}

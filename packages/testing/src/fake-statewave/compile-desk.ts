import { randomUUID } from "node:crypto";
import { compileEpisodes, type Memory } from "../memory-rules/index.ts";
import type { StoredEpisode } from "./episode-table.ts";

/** A compiled memory as the API shows it. */
export interface MemoryRow {
  readonly id: string;
  readonly subject_id: string;
  readonly kind: "episode_summary" | "profile_fact" | "procedure";
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

/** A memory as the rules know it, and as the API shows it. */
export interface HeldMemory {
  readonly memory: Memory;
  readonly row: MemoryRow;
}

interface Subject {
  readonly tenantId: string | null;
  readonly subjectId: string;
  /** Empty when the fake keeps no rows. */
  rows: StoredEpisode[];
  readonly memories: HeldMemory[];
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

/** The heuristic compiler, by the rules of `memory-rules`. */
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
    const held = compileRows(subject.rows.splice(0, count), now());
    subject.memories.push(...held);
    subject.uncompiled -= count;
    subject.compiled += count;
    if (count > 0) {
      if (!subject.isDraining) subject.compiles += 1;
      subject.embeddingUntilMs = now() + embeddingMs;
    }
    subject.isDraining = subject.uncompiled > 0;
    const memories = held.map(({ row }) => row);
    return { memories, created: this.#options.keepsRows ? memories.length : count, remaining: subject.uncompiled };
  }

  /** What was compiled so far, also what newer memories have retired. */
  memoriesOf(tenantId: string | null, subjectId: string): readonly HeldMemory[] {
    return this.#subjects.get(keyOf(tenantId, subjectId))?.memories ?? [];
  }

  /** Forgets a subject; answers how many memories it had. */
  forget(tenantId: string | null, subjectId: string): number {
    const { length } = this.memoriesOf(tenantId, subjectId);
    this.#subjects.delete(keyOf(tenantId, subjectId));
    return length;
  }

  #subject(tenantId: string | null, subjectId: string): Subject {
    const key = keyOf(tenantId, subjectId);
    let subject = this.#subjects.get(key);
    if (subject === undefined) {
      const counts = { uncompiled: 0, compiled: 0, compiles: 0, calls: 0, isDraining: false, embeddingUntilMs: 0 };
      subject = { tenantId, subjectId, rows: [], memories: [], ...counts };
      this.#subjects.set(key, subject);
    }
    return subject;
  }
}

function keyOf(tenantId: string | null, subjectId: string): string {
  return JSON.stringify([tenantId, subjectId]);
}

/** Memories of one call have one age. */
function compileRows(rows: readonly StoredEpisode[], atMs: number): readonly HeldMemory[] {
  const createdAt = new Date(atMs).toISOString();
  return rows.flatMap((episode) =>
    compileEpisodes([episode], { atMs }).map((memory) => ({ memory, row: toRow(memory, episode, createdAt) })),
  );
}

const kinds = { summary: "episode_summary", fact: "profile_fact", procedure: "procedure" } as const;
const shortLength = 200;

function toRow({ kind, text, timeMs }: Memory, { id, subject_id }: StoredEpisode, createdAt: string): MemoryRow {
  return {
    id: randomUUID(),
    subject_id,
    kind: kinds[kind],
    content: text,
    summary: text.slice(0, shortLength),
    confidence: kind === "fact" ? 0.6 : 0.8,
    valid_from: new Date(timeMs).toISOString(),
    valid_to: null,
    source_episode_ids: [id],
    metadata: {},
    status: "active",
    created_at: createdAt,
    updated_at: createdAt,
  };
}

import type { GrainMs, KeysetPosition, KeysetRead } from "../../src/paging/index.ts";
import { toInstant } from "../../src/paging/index.ts";

import { overloaded } from "./overloaded.ts";

export interface Row {
  readonly id: number;
  /** When it changed last, in the rows' grain. */
  readonly updated: string;
  readonly version: number;
}

interface Stored {
  readonly id: number;
  atMs: number;
  /** Readers see the change from here on. */
  visibleMs: number;
  version: number;
  before: { atMs: number; version: number } | undefined;
}

export interface ListRules {
  readonly grainMs: GrainMs;
  readonly rowGrainMs: GrainMs;
  /** How the provider leads to the next page. */
  readonly links: "numbered" | "cursor" | "none";
  /** Whether `since` means "after" instead of "at or after". */
  readonly isExclusive: boolean;
}

/** A provider's list, sorted by the time of the last change, that moves under its reader. */
export class MovingList {
  nowMs: number;
  readonly rules: ListRules;
  /** Rows that no page can be answered with. */
  readonly broken = new Set<number>();
  readonly #rows = new Map<number, Stored>();
  #lastId = 0;
  requests = 0;

  constructor(nowMs: number, rules: ListRules) {
    this.nowMs = nowMs;
    this.rules = rules;
  }

  /** `lagMs`: how much later readers see it. */
  add(lagMs = 0): number {
    this.#lastId += 1;
    this.#rows.set(this.#lastId, {
      id: this.#lastId,
      atMs: this.nowMs,
      visibleMs: this.nowMs + lagMs,
      version: 1,
      before: undefined,
    });
    return this.#lastId;
  }

  touch(id: number, lagMs = 0): void {
    const row = this.#rows.get(id);
    if (row === undefined) return;
    const isShown = row.visibleMs <= this.nowMs;
    row.before = isShown ? { atMs: row.atMs, version: row.version } : row.before;
    row.atMs = this.nowMs;
    row.visibleMs = Math.max(row.visibleMs, this.nowMs + lagMs);
    row.version += 1;
  }

  delete(id: number): void {
    this.#rows.delete(id);
  }

  /** Every row that can be read, as `id version`. */
  truth(): string[] {
    const readable = [...this.#rows.values()].filter(({ id }) => !this.broken.has(id));
    return readable.map(({ id, version }) => `${id} v${version}`);
  }

  /** A link to one row. */
  rowAt(since: string | undefined, number: number): string {
    const query = new URLSearchParams({ per_page: "1", page: String(number + 1), ...(since === undefined ? {} : { since }) });
    return `https://acme.test/rows?${query.toString()}`;
  }

  /** Answers like a provider that promises no more than the documented. */
  fetch({ since, next, etag }: KeysetPosition, size: number): KeysetRead<Row> {
    this.requests += 1;
    const link = next === undefined ? undefined : new URL(next);
    const from = link === null || link === undefined ? since : (link.searchParams.get("since") ?? undefined);
    const perPage = link === undefined ? size : Number(link.searchParams.get("per_page"));
    const rows = this.#visibleSince(from);
    const after = link?.searchParams.get("after");
    const page = Number(link?.searchParams.get("page") ?? 1);
    const start = after === null || after === undefined ? (page - 1) * perPage : rows.findIndex((row) => orderOf(row) > after);
    const shown = start < 0 ? [] : rows.slice(start, start + perPage);
    if (shown.some(({ id }) => this.broken.has(id))) throw overloaded();
    const hasMore = start >= 0 && start + perPage < rows.length;
    // Of the body alone, so that an unchanged page says nothing about those behind it.
    const mark = `"${JSON.stringify(shown)}"`;
    if (etag === mark) return { rows: [], notModified: true, dateMs: this.#dateMs };
    return {
      rows: shown.map((row) => toRow(row, this.rules.rowGrainMs)),
      etag: mark,
      dateMs: this.#dateMs,
      ...this.#leadOn(hasMore, from, perPage, page, shown.at(-1)),
    };
  }

  get #dateMs(): number {
    return Math.floor(this.nowMs / 1_000) * 1_000;
  }

  #leadOn(
    hasMore: boolean,
    since: string | undefined,
    perPage: number,
    page: number,
    last: Shown | undefined,
  ): Partial<KeysetRead<Row>> {
    if (this.rules.links === "none") return { hasMore };
    if (!hasMore || last === undefined) return {};
    const query = new URLSearchParams({ per_page: String(perPage), ...(since === undefined ? {} : { since }) });
    if (this.rules.links === "numbered") query.set("page", String(page + 1));
    else query.set("after", orderOf(last));
    return { next: `https://acme.test/rows?${query.toString()}` };
  }

  #visibleSince(since: string | undefined): readonly Shown[] {
    const { rowGrainMs, grainMs, isExclusive } = this.rules;
    const sinceMs = since === undefined ? -Infinity : Date.parse(since);
    const shown = [...this.#rows.values()].flatMap((row): Shown[] => {
      const state = row.visibleMs <= this.nowMs ? row : row.before;
      return state === undefined
        ? []
        : [{ id: row.id, version: state.version, atMs: Math.floor(state.atMs / rowGrainMs) * rowGrainMs }];
    });
    const isWanted = (atMs: number) => (isExclusive ? Math.floor(atMs / grainMs) * grainMs > sinceMs : atMs >= sinceMs);
    return shown.filter(({ atMs }) => isWanted(atMs)).toSorted((a, b) => a.atMs - b.atMs || a.id - b.id);
  }
}

interface Shown {
  readonly id: number;
  readonly version: number;
  readonly atMs: number;
}

function orderOf({ atMs, id }: Shown): string {
  return `${String(atMs).padStart(16, "0")}-${String(id).padStart(9, "0")}`;
}

function toRow({ id, version, atMs }: Shown, grainMs: GrainMs): Row {
  return { id, version, updated: toInstant(atMs, grainMs) };
}

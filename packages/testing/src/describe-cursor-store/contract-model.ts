import type { AcquireRequest, Lease, ReleaseOutcome } from "@statewave-connectors/connector-sdk/store";
import { required } from "../required.ts";

/** One source as the contract speaks of it. Written from the contract's words alone, so that it shares no mistake with a store. */
interface ModelSource {
  cursor?: string | undefined;
  /** The epoch that counts: of the latest grant; undefined once it was released, or a person set or deleted the cursor. */
  holder?: { epoch: number; owner: string; dueMs?: number | undefined; untilMs: number } | undefined;
  finishedMs: number;
  open?: { dueMs: number; resumeAtMs: number } | undefined;
  /** No epoch up to this one may be given out again. */
  usedEpoch: number;
}

/** One line of `list`. */
interface ModelState {
  readonly name: string;
  readonly cursor: string | undefined;
  readonly finishedDueMs: number | undefined;
  readonly openDueMs: number | undefined;
  readonly resumeInMs: number | undefined;
  readonly owner: string | undefined;
  readonly lapsesInMs: number | undefined;
}

/** The contract of one cursor store as plain arithmetic: what each call must answer, and what must be true afterwards. */
export class ContractModel {
  readonly #sources = new Map<string, ModelSource>();

  source(name: string): ModelSource {
    const known = this.#sources.get(name) ?? { finishedMs: -Infinity, usedEpoch: 0 };
    this.#sources.set(name, known);
    return known;
  }

  /** The refusal that is due, or undefined: it must be granted. */
  #refusal({ source, dueMs }: AcquireRequest, nowMs: number): string | undefined {
    const { holder, open, finishedMs } = this.source(source.name);
    if (dueMs !== undefined && dueMs - nowMs > 5_000) return "early";
    if (holder !== undefined && nowMs < holder.untilMs) return "busy";
    if (dueMs === undefined) return undefined;
    if (open !== undefined && nowMs < open.resumeAtMs) return "waiting";
    return open === undefined && dueMs <= finishedMs ? "finished" : undefined;
  }

  /** What each of the requests must be answered; no two name the same source. */
  answers(requests: readonly AcquireRequest[], nowMs: number, atMost = Infinity): readonly string[] {
    let granted = 0;
    return requests.map((request) => {
      const refusal = this.#refusal(request, nowMs);
      if (refusal !== undefined) return refusal;
      granted += 1;
      return granted > atMost ? "surplus" : "granted";
    });
  }

  /** Writes a grant down; answers what the lease must say apart from its epoch. */
  grant({ source, dueMs, owner, ttlMs }: AcquireRequest, epoch: number, nowMs: number): Omit<Lease, "epoch"> {
    const known = this.source(source.name);
    const openDueMs = known.open?.dueMs;
    const resumed = dueMs !== undefined && openDueMs !== undefined && openDueMs >= dueMs;
    const runsMs = resumed ? openDueMs : dueMs;
    if (runsMs !== undefined) known.open = { dueMs: runsMs, resumeAtMs: -Infinity };
    known.holder = { epoch, owner, dueMs: runsMs, untilMs: nowMs + ttlMs };
    known.usedEpoch = epoch;
    return {
      source,
      owner,
      resumed,
      ...(runsMs === undefined ? {} : { dueMs: runsMs }),
      ...(known.cursor === undefined ? {} : { cursor: known.cursor }),
    };
  }

  renew(lease: Lease, ttlMs: number, nowMs: number): boolean {
    const holder = this.#holder(lease);
    if (holder !== undefined) holder.untilMs = nowMs + ttlMs;
    return holder !== undefined;
  }

  checkpoint(lease: Lease, cursor: string): boolean {
    if (this.#holder(lease) === undefined) return false;
    this.source(lease.source.name).cursor = cursor;
    return true;
  }

  release(lease: Lease, outcome: ReleaseOutcome, nowMs: number): boolean {
    const holder = this.#holder(lease);
    if (holder === undefined) return false;
    const known = this.source(lease.source.name);
    known.holder = undefined;
    if (holder.dueMs === undefined) return true;
    if (outcome.type === "unfinished") {
      required(known.open, "the open due").resumeAtMs = nowMs + outcome.resumeInMs;
    } else {
      known.finishedMs = Math.max(known.finishedMs, holder.dueMs);
      known.open = undefined;
    }
    return true;
  }

  /** A person sets the cursor, or deletes it (undefined); answers whether there was one. */
  write(name: string, cursor: string | undefined): boolean {
    const known = this.source(name);
    const had = known.cursor !== undefined;
    known.cursor = cursor;
    known.holder = undefined;
    return had;
  }

  /** Closing and opening: `kept` says whether what was stored stays, `leases` whether leases do. */
  reopen(kept: boolean, leases: boolean): void {
    if (!kept) this.#sources.clear();
    if (!leases) for (const known of this.#sources.values()) known.holder = undefined;
  }

  /** What `list` must show apart from epochs and write times, in its order. */
  states(nowMs: number): readonly ModelState[] {
    const states: ModelState[] = [];
    for (const [name, { cursor, holder, finishedMs, open }] of this.#sources) {
      const live = holder !== undefined && holder.untilMs > nowMs ? holder : undefined;
      const finishedDueMs = finishedMs === -Infinity ? undefined : finishedMs;
      if (cursor === undefined && live === undefined && open === undefined && finishedDueMs === undefined) continue;
      states.push({
        name,
        cursor,
        finishedDueMs,
        openDueMs: open?.dueMs,
        resumeInMs: open !== undefined && open.resumeAtMs > nowMs ? open.resumeAtMs - nowMs : undefined,
        owner: live?.owner,
        lapsesInMs: live === undefined ? undefined : live.untilMs - nowMs,
      });
    }
    return states.toSorted((left, right) => (left.name < right.name ? -1 : 1));
  }

  #holder(lease: Lease): ModelSource["holder"] {
    const { holder } = this.source(lease.source.name);
    return holder?.epoch === lease.epoch ? holder : undefined;
  }
}

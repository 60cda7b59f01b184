import type { SourceKey } from "@statewave-connectors/connector-sdk";
import type { InboxLimits } from "@statewave-connectors/connector-sdk/inbox";
import type { Db, JobInsert, PgBoss } from "pg-boss";
import type { StoredItem } from "./encode-item.ts";
import { toQueueName } from "./job-name.ts";

/** The largest integer of Postgres: an item is never given up by counting. */
const retryForEver = 2_147_483_647;
/** Ten years: pg-boss deletes what waits for longer, and its default is two weeks. */
const keepSeconds = 10 * 365 * 24 * 60 * 60;
/** The longest that pg-boss allows. An item that is claimed for longer is handed out once more. */
const claimSeconds = 24 * 60 * 60;
/** The shortest that pg-boss allows: so long after its last sign of life the work of a dead process comes back. */
const heartbeatSeconds = 10;
/** Of a settled item that had no id there is nothing to remember. 0 would mean for ever. */
const forgetAtOnceSeconds = 1;

const settings = {
  retryLimit: retryForEver,
  retentionSeconds: keepSeconds,
  expireInSeconds: claimSeconds,
  heartbeatSeconds,
} as const;

/** One item on its way into its queue. */
export interface NewJob {
  readonly id: string;
  readonly stored: StoredItem;
  readonly bodyBytes: number;
  readonly hasEventId: boolean;
}

/** The queues of pg-boss that hold the items, one a source. Everything that keeps an item from being lost is set on each job. */
export class ItemQueues {
  readonly #boss: PgBoss;
  readonly #rememberSeconds: number;
  readonly #existing = new Map<string, Promise<void>>();

  constructor(boss: PgBoss, { dedupWindowMs }: InboxLimits) {
    this.#boss = boss;
    this.#rememberSeconds = Math.max(1, Math.ceil(dedupWindowMs / 1_000));
  }

  /** Makes the source's queue when it is missing; answers its name. */
  async ensure(source: SourceKey): Promise<string> {
    const name = toQueueName(source);
    let existing = this.#existing.get(name);
    if (existing === undefined) {
      existing = this.#boss.createQueue(name, { ...settings, deleteAfterSeconds: this.#rememberSeconds });
      this.#existing.set(name, existing);
      existing.catch(() => this.#existing.delete(name));
    }
    await existing;
    return name;
  }

  /** Stores jobs in one statement; answers the ids of those that were not there yet. */
  async insert(queueName: string, jobs: readonly NewJob[], db: Db): Promise<ReadonlySet<string>> {
    // In one order everywhere: two processes with the same ids would otherwise lock each other out.
    const sorted = jobs.toSorted((left, right) => (left.id < right.id ? -1 : 1));
    const fresh = await this.#boss.insert(
      queueName,
      sorted.map((job) => this.#toInsert(job)),
      { returnId: true, db },
    );
    // Null, not an empty list, when all of them are there already.
    return new Set(fresh ?? []);
  }

  #toInsert({ id, stored, bodyBytes, hasEventId }: NewJob): JobInsert<StoredItem> {
    return {
      id,
      data: stored,
      ...settings,
      deleteAfterSeconds: hasEventId ? this.#rememberSeconds : forgetAtOnceSeconds,
      // Beside the job rather than in it: bytes are summed up without reading the bodies.
      group: { id: "bytes", tier: String(bodyBytes) },
    };
  }
}

import { ConnectorsError, type SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import {
  type AcquireLimit,
  type AcquireRequest,
  type AcquireResult,
  type CursorStore,
  CursorTable,
  type Lease,
  type ReleaseOutcome,
  type SourceState,
} from "@statewave-connectors/connector-sdk/store";
import {
  type RedisClient,
  RedisScripts,
  type Script,
  serverCertificateExpiresAtMs,
  toRedisError,
} from "@statewave-connectors/redis-client";
import {
  acquireScript,
  checkpointScript,
  deleteScript,
  listScript,
  releaseScript,
  renewScript,
  setScript,
} from "./lease-scripts.ts";
import { recordKeys } from "./record-scripts.ts";
import { RedisRecords } from "./redis-records.ts";
import { type AcquireReply, type ListReply, toAcquireResult, toSourceRows } from "./replies.ts";

/** A script holds up every other client of the server while it runs, so more sources than this go in several, one behind the other. */
const sourcesPerScript = 1_000;

/** A field that no source has. */
const noSource = "";

export interface RedisCursorStoreOptions {
  readonly client: RedisClient;
  readonly keyPrefix: string;
  readonly durability: string;
  /** Ends the client, where it is ours. */
  readonly end: () => void;
}

/** Cursors and leases in two hashes, records beside them. Every decision is one Lua script, by the server's clock. */
export class RedisCursorStore implements CursorStore {
  readonly durability: string;
  readonly records: RedisRecords;
  readonly #client: RedisClient;
  readonly #cursorsKey: string;
  readonly #scripts: RedisScripts;
  readonly #end: () => void;
  readonly #underWay = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor({ client, keyPrefix, durability, end }: RedisCursorStoreOptions) {
    this.durability = durability;
    this.#client = client;
    this.#cursorsKey = `${keyPrefix}cursors`;
    this.#scripts = new RedisScripts(client, [this.#cursorsKey, `${keyPrefix}leases`]);
    const recordScripts = new RedisScripts(
      client,
      recordKeys.map((name) => `${keyPrefix}${name}`),
    );
    this.records = new RedisRecords((script, args) => this.#call(() => recordScripts.run(script, args)));
    this.#end = end;
  }

  get certificateExpiresAtMs(): number | undefined {
    return serverCertificateExpiresAtMs(this.#client);
  }

  /** Changes nothing; rejects when this user may not write here, or the keys hold something else. */
  async probe(): Promise<void> {
    await this.#run(deleteScript, [noSource]);
    await this.records.probe();
  }

  async get(source: SourceKey): Promise<string | undefined> {
    return (await this.#call(() => this.#client.hget(this.#cursorsKey, formatSourceKey(source)))) ?? undefined;
  }

  async set(source: SourceKey, cursor: string): Promise<void> {
    await this.#run(setScript, [formatSourceKey(source), cursor]);
  }

  async delete(source: SourceKey): Promise<boolean> {
    return (await this.#run<number>(deleteScript, [formatSourceKey(source)])) === 1;
  }

  async list(): Promise<readonly SourceState[]> {
    const reply = await this.#run<ListReply>(listScript, []);
    return new CursorTable(toSourceRows(reply)).list(reply[0]);
  }

  async acquire(requests: readonly AcquireRequest[], limit?: AcquireLimit): Promise<readonly AcquireResult[]> {
    let left = limit?.atMost;
    return this.#inParts(requests, async (part) => {
      const args = part.flatMap(({ source, dueMs, owner, ttlMs }) => [formatSourceKey(source), dueMs ?? "", owner, ttlMs]);
      const replies = await this.#scripts.run<readonly AcquireReply[]>(acquireScript, [left ?? "", ...args]);
      if (left !== undefined) left -= replies.filter(([answer]) => answer === "granted").length;
      return part.flatMap((request, index) => {
        const reply = replies[index];
        return reply === undefined ? [] : [toAcquireResult(reply, request)];
      });
    });
  }

  async renew(leases: readonly Lease[], ttlMs: number): Promise<readonly boolean[]> {
    return this.#inParts(leases, async (part) => {
      const args = part.flatMap(({ source, epoch }) => [formatSourceKey(source), epoch]);
      const replies = await this.#scripts.run<readonly number[]>(renewScript, [ttlMs, ...args]);
      return replies.map((reply) => reply === 1);
    });
  }

  async checkpoint({ source, epoch }: Lease, cursor: string): Promise<boolean> {
    return (await this.#run<number>(checkpointScript, [formatSourceKey(source), epoch, cursor])) === 1;
  }

  async release({ source, epoch }: Lease, outcome: ReleaseOutcome): Promise<boolean> {
    const resumeInMs = outcome.type === "done" ? "" : outcome.resumeInMs;
    return (await this.#run<number>(releaseScript, [formatSourceKey(source), epoch, resumeInMs])) === 1;
  }

  close(): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#underWay).then(this.#end);
    return this.#closing;
  }

  /** One call to a close that comes meanwhile: it is finished, not cut off between two parts. */
  #inParts<Item, Answer>(items: readonly Item[], ask: (part: readonly Item[]) => Promise<readonly Answer[]>): Promise<Answer[]> {
    return this.#call(async () => {
      const answers: Answer[] = [];
      for (let start = 0; start < items.length; start += sourcesPerScript) {
        answers.push(...(await ask(items.slice(start, start + sourcesPerScript))));
      }
      return answers;
    });
  }

  #run<Reply>(script: Script, args: readonly (string | number)[]): Promise<Reply> {
    return this.#call(() => this.#scripts.run<Reply>(script, args));
  }

  async #call<Reply>(ask: () => Promise<Reply>): Promise<Reply> {
    this.#assertOpen();
    const answer = ask();
    this.#underWay.add(answer);
    try {
      return await answer;
    } catch (error) {
      throw toRedisError("STORE", error);
    } finally {
      this.#underWay.delete(answer);
    }
  }

  #assertOpen(): void {
    if (this.#closing === undefined) return;
    throw new ConnectorsError({
      code: "STORE_CLOSED",
      message: "the cursor store in Redis is closed",
      hint: "open the store again",
    });
  }
}

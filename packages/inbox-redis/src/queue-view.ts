import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { eventId, type InboxView, type QueuedItem, toKeyPage } from "@statewave-connectors/connector-sdk/inbox";
import type { Redis } from "ioredis";
import { decodeItem, hashId, type StoredItem } from "./encode-item.ts";
import type { PendingItem } from "./pending-items.ts";
import { indexKeys } from "./scripts.ts";
import type { SourceQueues } from "./source-queues.ts";

/** A member of the book of what waits: when it was accepted, and whose job it is. */
interface PendingMember {
  readonly acceptedAtMs: number;
  readonly member: string;
  readonly source: string;
  readonly jobId: string;
}

/** Members looked at in a step: of one source they may be few among many. */
const membersPerStep = 500;
const jobsAtOnce = 50;

/** What waits, by our index, and the ids that BullMQ remembers. A key is when the item was accepted and its member in the index. */
export class QueueView implements InboxView {
  readonly #client: Redis;
  readonly #queues: SourceQueues;
  readonly #pendingKey: string;

  constructor(client: Redis, queues: SourceQueues, keyPrefix: string) {
    this.#client = client;
    this.#queues = queues;
    this.#pendingKey = indexKeys(keyPrefix)[0] ?? "";
  }

  async list(query: Parameters<InboxView["list"]>[0] = {}): Promise<readonly QueuedItem[]> {
    const { source, limit } = toKeyPage(query);
    const wanted = source && formatSourceKey(source);
    const after = query.after === undefined ? undefined : parseKey(query.after);
    if (query.after !== undefined && after === undefined) return [];
    const found: QueuedItem[] = [];
    // Each step begins at the time where the one before it ended: what is settled meanwhile makes it pass over nothing.
    let last = after;
    let offset = 0;
    while (found.length < limit) {
      const { members, isWhole } = await this.#members(last?.acceptedAtMs, offset);
      const behind = members.filter((each) => isBehind(each, last) && (wanted === undefined || each.source === wanted));
      for (let start = 0; start < behind.length && found.length < limit; start += jobsAtOnce) {
        const step = behind.slice(start, start + Math.min(jobsAtOnce, limit - found.length));
        found.push(...(await this.#read(step)).map(withoutItem));
      }
      if (isWhole) break;
      const end = members.at(-1);
      offset = end === undefined || end.acceptedAtMs === last?.acceptedAtMs ? offset + membersPerStep : 0;
      last = end ?? last;
    }
    return found;
  }

  async get(key: string): Promise<QueuedItem | undefined> {
    const member = parseKey(key);
    return member === undefined ? undefined : (await this.#read([member]))[0];
  }

  async remembers(source: Parameters<InboxView["remembers"]>[0], id: string): Promise<boolean> {
    return (await this.#queues.get(formatSourceKey(source)).queue.getDeduplicationJobId(hashId(id))) !== null;
  }

  /** `isWhole`: there are no more. */
  async #members(
    fromMs: number | undefined,
    offset: number,
  ): Promise<{ readonly members: readonly PendingMember[]; readonly isWhole: boolean }> {
    const from = fromMs === undefined ? "-inf" : String(fromMs);
    const reply = await this.#client.zrangebyscore(this.#pendingKey, from, "+inf", "WITHSCORES", "LIMIT", offset, membersPerStep);
    const members: PendingMember[] = [];
    for (let at = 0; at + 1 < reply.length; at += 2) {
      const parsed = parseKey(`${reply[at + 1] ?? ""}.${reply[at] ?? ""}`);
      if (parsed !== undefined) members.push(parsed);
    }
    return { members, isWhole: reply.length < 2 * membersPerStep };
  }

  /** Those whose jobs are there. */
  async #read(members: readonly PendingMember[]): Promise<readonly QueuedItem[]> {
    const jobs = await Promise.all(
      members.map(async ({ source, jobId }) => {
        const key = this.#queues.jobKey(source, jobId);
        const [job, lock] = await Promise.all([this.#client.hmget(key, "data", "atm"), this.#client.exists(`${key}:lock`)]);
        return { data: job[0], attempts: job[1], isClaimed: lock === 1 };
      }),
    );
    return members.flatMap((member, at): QueuedItem[] => {
      const job = jobs[at];
      if (job?.data === undefined || job.data === null) return [];
      const item = decodeItem(member.source, JSON.parse(job.data) as StoredItem);
      const id = eventId(item);
      return [
        {
          key: `${member.acceptedAtMs}.${member.member}`,
          source: item.source,
          type: item.type,
          ...(id === undefined ? {} : { id }),
          acceptedAtMs: member.acceptedAtMs,
          attempt: Number(job.attempts ?? 0),
          isClaimed: job.isClaimed,
          item,
        },
      ];
    });
  }
}

function withoutItem(queued: QueuedItem): QueuedItem {
  const { item: _, ...listed } = queued;
  return listed;
}

function isBehind({ acceptedAtMs, member }: PendingMember, after: PendingMember | undefined): boolean {
  if (after === undefined || acceptedAtMs > after.acceptedAtMs) return true;
  // In the order of Redis, which is that of the bytes.
  return acceptedAtMs === after.acceptedAtMs && Buffer.compare(Buffer.from(member), Buffer.from(after.member)) > 0;
}

/** The item that a key of the view names. */
export function toPendingItem(key: string): PendingItem | undefined {
  const parsed = parseKey(key);
  return parsed && { source: parsed.source, jobId: parsed.jobId, bytes: Number(parsed.member.split("|")[2]) };
}

function parseKey(key: string): PendingMember | undefined {
  const dot = key.indexOf(".");
  const [time, member] = [key.slice(0, dot), key.slice(dot + 1)];
  const [source, jobId, bytes] = member.split("|");
  if (!/^\d{1,15}$/.test(time) || source === undefined || jobId === undefined || bytes === undefined) return undefined;
  return { acceptedAtMs: Number(time), member, source, jobId };
}

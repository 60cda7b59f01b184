import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { NoticesConfig } from "@statewave-connectors/config/result";
import { recordsInMemory, type SourceState, type StoreRecords } from "@statewave-connectors/connector-sdk/store";
import type { RunnerConfiguration } from "../composition/runner-configuration.ts";
import type { Engine } from "../composition/engine.ts";
import { within } from "../deadline/within.ts";
import { fullDisks } from "../checks/check-machine.ts";
import { openConnectorFetch } from "../network/connector-fetch.ts";
import { networkOf } from "../network/network.ts";
import { defaultLeaseTtlMs } from "../pull/lease-keeper.ts";
import { recordLeaseOn } from "../records/record-lease-on.ts";
import { isShared } from "../state/is-shared.ts";
import { beatEveryMs } from "../status/heartbeat.ts";
import { readBeats } from "../status/process-beat.ts";
import { readStatus } from "../status/read-status.ts";
import type { StartSnapshot } from "./downtime.ts";
import { type NoticeObserver, NoticeSender } from "./messages/notice-sender.ts";
import { Notices, type NoticesOptions } from "./notices.ts";
import { withRememberedDues } from "./incidents/remembered-dues.ts";
import { renewedWatches } from "./incidents/watched-renewals.ts";

const answerWithinMs = 10_000;

/** What the runner has when notices begin. */
export interface NoticesStart extends Pick<RunnerConfiguration, "fetchImpl" | "leaseTtlMs"> {
  readonly notices: NoticesConfig;
  readonly states: readonly SourceState[];
  readonly observer: (notify: readonly string[]) => NoticeObserver;
}

/** Sends notices from now on, unless another process does; the returned function ends it. */
export function sendNotices(
  engine: Engine,
  { notices: wanted, states, observer, fetchImpl, leaseTtlMs }: NoticesStart,
): () => Promise<void> {
  const { config, clock, random, logger, store } = engine;
  const records = store.records ?? recordsInMemory(clock);
  const { fetch, close } = openConnectorFetch({ network: networkOf(config.runner.http), fetchImpl, logger });
  const names = wanted.notify.map(({ name }) => name);
  const sender = new NoticeSender({ notify: wanted.notify, fetch, clock, random, logger, observer: observer(names) });
  const notices = new Notices({
    config: wanted,
    records,
    lease: leaseOf(engine, records, leaseTtlMs),
    look: () => look(engine, records),
    sender,
    snapshot: snapshotOf(engine, records, states),
    clock,
    random,
    logger,
  });
  notices.start();
  return async () => {
    await notices.stop();
    await close();
  };
}

/** Keeps the lease while the store does not answer: no other process can claim it then, and the outage must be reported. */
function leaseOf({ store, clock, logger }: Engine, records: StoreRecords, ttlMs = defaultLeaseTtlMs): NoticesOptions["lease"] {
  return {
    // No other process can hold a lease where the state is not shared, and none needs to outlive this one.
    ...recordLeaseOn(isShared(store) ? records : recordsInMemory(clock), "notice-leases", "notices"),
    owner: `${hostname()}:${process.pid}:${randomUUID()}`,
    clock,
    logger,
    ttlMs,
    isShared: isShared(store),
    outlastsSilence: true,
  };
}

async function snapshotOf(engine: Engine, records: StoreRecords, states: readonly SourceState[]): Promise<StartSnapshot> {
  const { clock, config, pauses, inbox } = engine;
  const startedAtMs = clock.now();
  const pulls = config.pull.filter(
    ({ kind, name, dryRun }) => !dryRun && pauses.of({ direction: "pull", source: { kind, name } }) === undefined,
  );
  const [stats, othersRanUntilMs] = await Promise.all([
    within({ clock, timeoutMs: answerWithinMs / 2 }, () => inbox.stats()).catch(() => undefined),
    within({ clock, timeoutMs: answerWithinMs / 2 }, () => othersRanUntil(engine, records)).catch(() => undefined),
  ]);
  return { startedAtMs, pulls, states, inbox: stats, othersRanUntilMs };
}

/** A process may run without sending notices. A sign of life holds until the next one was to come. */
async function othersRanUntil({ store, owner }: Engine, records: StoreRecords): Promise<number | undefined> {
  if (!isShared(store)) return undefined;
  const others = (await readBeats(records)).filter((beat) => beat.owner !== owner);
  return others.length === 0 ? undefined : Math.max(...others.map(({ seenAtMs }) => seenAtMs)) + beatEveryMs;
}

async function look(engine: Engine, records: StoreRecords): ReturnType<NoticesOptions["look"]> {
  const { clock, config, stores } = engine;
  stores.refresh();
  const [seen, disks] = await Promise.all([
    within({ clock, timeoutMs: answerWithinMs }, () => readSeen(engine, records)).catch(() => undefined),
    within({ clock, timeoutMs: answerWithinMs }, () => fullDisks(config)).catch(() => undefined),
  ]);
  const unwritable = ([stores.cursorStore, stores.inboxWrites] as const).flatMap((store) =>
    store.status === "ok" ? [] : [{ store: store.role, status: store.status, reason: store.reason ?? "" }],
  );
  return { nowMs: clock.now(), seen, unwritable, fullDisks: disks };
}

async function readSeen({ store, inbox, config, clock }: Engine, records: StoreRecords) {
  const pulls = config.pull.filter(({ dryRun }) => !dryRun).map(withRememberedDues);
  const places = { records, listState: () => store.list(), inboxStats: () => inbox.stats() };
  const [report, watches] = await Promise.all([
    readStatus(places, { pull: pulls, push: config.push }, clock.now()),
    renewedWatches(records, pulls),
  ]);
  // The heartbeat of a dead process stays for a minute. In a state that is not shared, every heartbeat but ours is such a leftover.
  const isAlive = ({ host, pid }: (typeof report.processes)[number]) => host === hostname() && pid === process.pid;
  const processes = isShared(store) ? report.processes : report.processes.filter(isAlive);
  return { report: { ...report, processes }, watches };
}

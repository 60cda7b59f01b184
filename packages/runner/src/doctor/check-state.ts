import { randomUUID } from "node:crypto";
import type { ConnectorsConfig } from "@statewave-connectors/config";
import { type Clock, ConnectorsError, type Logger } from "@statewave-connectors/connector-sdk";
import { formatSourceKey, type LogFields, silentLogger } from "@statewave-connectors/connector-sdk/host";
import type { Inbox } from "@statewave-connectors/connector-sdk/inbox";
import type { CursorStore, SourceState } from "@statewave-connectors/connector-sdk/store";
import { refuseHalfRestored } from "../backup/unfinished-restore.ts";
import { type Finding, noSource } from "../checks/finding.ts";
import { strayStarts } from "../pull/stray-starts.ts";
import { foreignCursors } from "../sink-binding/foreign-cursors.ts";
import { bindingHint } from "../sink-binding/sink-binding.ts";
import { configuredSink } from "../sink-binding/sink-identity.ts";
import type { ClockReading } from "./check-clock.ts";
import { checkFiles } from "./check-files.ts";

/** How the stores are opened, as a run would; what they warn of is handed to the logger. */
export interface OpenStores {
  readonly cursorStore: (logger: Logger) => Promise<CursorStore>;
  readonly inbox: (logger: Logger) => Promise<Inbox>;
}

/** What was found of the state, and its clock where it has one of its own. */
export interface StateCheck {
  readonly findings: readonly Finding[];
  readonly reading?: ClockReading;
  /** Whether cursors of another sink are among the findings. */
  readonly hasForeignCursors?: boolean;
  /** What is stored; absent where the store was not opened. */
  readonly states?: readonly SourceState[];
}

/**
 * Whether the store of cursors takes a write: it is opened, grants a lease and takes a checkpoint, which are removed again. Files are tried only while
 * no other process has them open. Throws what a run would throw.
 */
export async function checkState(config: ConnectorsConfig, { cursorStore }: OpenStores, clock: Clock): Promise<StateCheck> {
  const { runner } = config;
  const { kind, livesIn } = runner.state;
  refuseHalfRestored(runner.stateDir);
  if (livesIn === "process") return { findings: [{ ok: true, message: "cursors are held in memory and end with the process" }] };
  const warnings = new WarningCollector();
  let states: readonly SourceState[] | undefined;
  let foreign: readonly Finding[] = [];
  let stray: readonly Finding[] = [];
  const openAndTry = async () => {
    const store = await cursorStore(warnings);
    try {
      states = await store.list();
      foreign = await foreignFindings(config, store, states);
      stray = strayFindings(config, states);
      await writeAndRemove(store);
      return { durability: store.durability, updatedAtMs: await leaseRoundTrip(store) };
    } finally {
      await store.close();
    }
  };
  if (livesIn === "files") {
    const finding = await checkFiles(config, runner.state, async () => void (await openAndTry()));
    return { findings: [finding, ...warnings.found, ...foreign, ...stray], ...(states !== undefined && { states }) };
  }
  const { durability, updatedAtMs } = await openAndTry();
  const taken: Finding = { ok: true, message: `${kind} takes writes and grants leases: cursors are ${durability}` };
  const reading = updatedAtMs === undefined ? {} : { reading: { of: "the state", aheadMs: updatedAtMs - clock.now() } };
  const findings = [taken, ...warnings.found, ...foreign, ...stray];
  return { findings, hasForeignCursors: foreign.length > 0, ...(states !== undefined && { states }), ...reading };
}

/** Configured sources whose next run would pass over what the configured sink does not have. */
async function foreignFindings(
  config: ConnectorsConfig,
  { records }: CursorStore,
  states: readonly SourceState[],
): Promise<readonly Finding[]> {
  if (records === undefined) return [];
  const sink = configuredSink(config);
  const found = await foreignCursors({ sink, records, states });
  const sources = config.pull.map(formatSourceKey).filter((source) => found.has(source));
  if (sources.length === 0) return [];
  const named = sources.slice(0, mostNamed).join(", ");
  const more = sources.length > mostNamed ? ` and ${sources.length - mostNamed} more` : "";
  const owners = [...new Set(sources.flatMap((source) => found.get(source) ?? []))].join("; ");
  const message = `the cursors of ${named}${more} belong to another sink (${owners}): what they passed over is not sent to ${sink.label}`;
  return [{ ok: false, message, hint: bindingHint }];
}

/** The source that was meant reads from its beginning or from its old cursor instead. */
function strayFindings({ pull }: ConnectorsConfig, states: readonly SourceState[]): readonly Finding[] {
  return strayStarts(states, pull).map(({ source, since, hint }) => ({
    ok: true,
    isWarning: true,
    message: `a start at ${since} is stored for ${source}, which is not configured`,
    hint,
  }));
}

const mostNamed = 20;

/** Answers when the store says that a cursor was written. */
async function leaseRoundTrip(store: CursorStore): Promise<number | undefined> {
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const trip = await attemptLease(store);
    if (trip.isKept) return trip.updatedAtMs;
  }
  throw new ConnectorsError({
    code: "STORE_LEASE_LOST",
    message: "the state granted a lease and did not keep it",
    hint: "look at the log of the server behind the state: nothing else should write to its tables or keys",
  });
}

/** Another doctor that removes its row at this moment takes the lease of this one as well. */
const mostAttempts = 3;

/** A lease from its grant to its end, with a checkpoint under it. */
async function attemptLease(
  store: CursorStore,
): Promise<{ readonly isKept: boolean; readonly updatedAtMs?: number | undefined }> {
  const owner = `doctor-${randomUUID()}`;
  const [result] = await store.acquire([{ source: noSource, owner, ttlMs: leaseTtlMs }]);
  // Another doctor holds it at this moment, which proves as much.
  if (result?.granted !== true) return { isKept: true };
  const { lease } = result;
  const kept = [
    ...(await store.renew([lease], leaseTtlMs)),
    await store.checkpoint(lease, "{}"),
    await store.release(lease, { type: "done" }),
  ];
  const written = (await store.list()).find(({ source }) => source.kind === noSource.kind && source.name === noSource.name);
  await store.delete(noSource);
  return { isKept: kept.every(Boolean), updatedAtMs: written?.updatedAtMs };
}

const leaseTtlMs = 10_000;

/** Keeps what a store warns of when it is opened, such as a server that does not write durably. */
class WarningCollector implements Logger {
  readonly found: Finding[] = [];
  readonly debug = (): void => undefined;
  readonly info = (): void => undefined;
  readonly error = (): void => undefined;

  warn(message: string, { hint, ...fields }: LogFields = {}): void {
    const facts = Object.entries(fields).map(([name, value]) => `${name}: ${String(value)}`);
    const shown = facts.length === 0 ? message : `${message} (${facts.join(", ")})`;
    this.found.push({ ok: true, isWarning: true, message: shown, ...(typeof hint === "string" && { hint }) });
  }

  child(): Logger {
    return this;
  }
}

/** Whether the inbox takes a write; one in files as above. */
export async function checkInbox(config: ConnectorsConfig, { inbox: open }: OpenStores): Promise<Finding> {
  const { kind, livesIn } = config.runner.inbox;
  if (livesIn === "process") return { ok: true, message: "webhooks wait in memory: a crash loses those that were accepted" };
  const openAndTry = async (): Promise<Finding> => {
    const inbox = await open(silentLogger);
    try {
      const { depth } = await inbox.stats();
      await buryAndDiscard(inbox);
      return { ok: true, message: `${kind} answers: a 2xx means ${inbox.durability}; ${depth} waiting` };
    } finally {
      await inbox.close();
    }
  };
  return livesIn === "files" ? checkFiles(config, config.runner.inbox, async () => void (await openAndTry())) : openAndTry();
}

async function writeAndRemove(store: CursorStore): Promise<void> {
  const { records } = store;
  if (records === undefined) {
    await store.set(noSource, "{}");
    await store.delete(noSource);
    return;
  }
  const place = { scope: "doctor", key: randomUUID() };
  const written = await records.compareAndSet({ ...place, value: "{}", expectedVersion: 0, ttlMs: recordTtlMs });
  if (written.stored) await records.compareAndSet({ ...place, expectedVersion: written.version });
}

/** A dead letter is the one write that no consumer acts upon. Those that an earlier check had to leave are discarded, too. */
async function buryAndDiscard(inbox: Inbox): Promise<void> {
  const place = { subject: "doctor:check", kind: "doctor.check", idempotency_key: randomUUID() };
  const episode = { ...place, text: "a check", occurred_at: "2026-01-01T00:00:00Z", source: { type: "doctor", id: "check" } };
  await inbox.buryEpisode(noSource, episode, "written and discarded by doctor");
  const letters = await inbox.listDeadLetters({ source: noSource });
  await inbox.discardDeadLetters(letters.map(({ key }) => key));
}

/** If this process ends between the two writes, the store removes the record. */
const recordTtlMs = 60_000;

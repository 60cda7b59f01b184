import type { Clock } from "@statewave-connectors/connector-sdk";
import { recordLimits, secretScopePrefix, type StoreRecord, type StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { recordContended } from "../records/record-contended.ts";
import { withoutSubject } from "./records-without-subject.ts";
import { mentionsEscaped } from "./subject-mentions.ts";
import type { SubjectSpellings } from "./subject-spellings.ts";

/** What the records of a store hold of a subject. */
export interface FoundRecords {
  /** Those that are changed: how many of which scope. */
  readonly changed: Readonly<Record<string, number>>;
  /** Those that mention it and stay, as `scope key`; the first of them. */
  readonly kept: readonly string[];
}

const pageLength = 50;
const mostKept = 50;
const mostAttempts = 20;

/** A record that mentions the subject, and what erasing does with it. */
interface PlannedRecord {
  readonly record: StoreRecord;
  readonly type: "changed" | "kept";
}

/** Counts the records that mention a subject; secrets are not looked at. Changes nothing. */
export function findRecords(records: StoreRecords, of: SubjectSpellings, signal: AbortSignal): Promise<FoundRecords> {
  return tally(planRecords(records, of, signal));
}

/** Removes the subject from the records that mention it. */
export function eraseRecords(
  records: StoreRecords,
  of: SubjectSpellings,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<FoundRecords> {
  return tally(planRecords(records, of, signal), (record) => rewrite(records, record, of, clock));
}

async function* planRecords(
  records: StoreRecords,
  of: SubjectSpellings,
  signal: AbortSignal,
): AsyncGenerator<PlannedRecord, void> {
  for await (const scope of scopesOf(records)) {
    signal.throwIfAborted();
    for await (const record of recordsOf(records, scope)) {
      const without = withoutSubject(record, of);
      if (without?.type === "changed") yield { record, type: "changed" };
      else if (without === undefined && mentionsEscaped(record.value, of)) yield { record, type: "kept" };
    }
  }
}

async function tally(plan: AsyncIterable<PlannedRecord>, apply?: (record: StoreRecord) => Promise<void>): Promise<FoundRecords> {
  const changed: Record<string, number> = {};
  const kept: string[] = [];
  for await (const { record, type } of plan) {
    const { scope, key } = record;
    const [area = scope] = scope.split("/");
    if (type === "changed") {
      changed[area] = (changed[area] ?? 0) + 1;
      await apply?.(record);
    } else if (kept.length < mostKept) kept.push(`${scope} ${key}`);
  }
  return { changed, kept };
}

/** It lives no longer for that. */
async function rewrite(records: StoreRecords, first: StoreRecord, of: SubjectSpellings, clock: Clock): Promise<void> {
  let record: StoreRecord | undefined = first;
  for (let attempt = 0; attempt < mostAttempts && record !== undefined; attempt += 1) {
    const without = withoutSubject(record, of);
    if (without?.type !== "changed") return;
    const { scope, key, version, expiresAtMs } = record;
    const ttlMs = expiresAtMs === undefined ? undefined : Math.max(1_000, expiresAtMs - clock.now());
    const result = await records.compareAndSet({ scope, key, expectedVersion: version, value: without.value, ttlMs });
    if (result.stored) return;
    record = result.current;
  }
  if (record !== undefined) throw recordContended(`${first.scope} ${first.key}`, mostAttempts);
}

async function* scopesOf(records: StoreRecords): AsyncGenerator<string, void> {
  let after: string | undefined;
  for (;;) {
    const page: readonly string[] = await records.scopes({ after });
    yield* page.filter((scope) => !scope.startsWith(secretScopePrefix));
    after = page.at(-1);
    if (page.length < recordLimits.perList) return;
  }
}

async function* recordsOf(records: StoreRecords, scope: string): AsyncGenerator<StoreRecord, void> {
  let after: string | undefined;
  for (;;) {
    const page: readonly StoreRecord[] = await records.list(scope, { after, limit: pageLength });
    yield* page;
    after = page.at(-1)?.key;
    if (page.length < pageLength) return;
  }
}

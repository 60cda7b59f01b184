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

/** Counts, or changes with `erases`, the records that mention a subject; secrets are not looked at. */
export async function visitRecords(
  records: StoreRecords,
  of: SubjectSpellings,
  { erases, clock, signal }: { readonly erases: boolean; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<FoundRecords> {
  const changed: Record<string, number> = {};
  const kept: string[] = [];
  for await (const scope of scopesOf(records)) {
    signal.throwIfAborted();
    for await (const record of recordsOf(records, scope)) {
      const without = withoutSubject(record, of);
      const [area = scope] = scope.split("/");
      if (without === undefined) {
        if (mentionsEscaped(record.value, of)) kept.push(`${scope} ${record.key}`);
      } else if (without.type === "changed") {
        changed[area] = (changed[area] ?? 0) + 1;
        if (erases) await rewrite(records, record, of, clock);
      }
    }
  }
  return { changed, kept: kept.slice(0, mostKept) };
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

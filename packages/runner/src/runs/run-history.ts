import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { isInstant } from "../records/is-instant.ts";
import { isWithoutNews, type RunAccount } from "./run-account.ts";

/** A source keeps so many accounts; runs in a row without news share one. */
export const mostAccounts = 50;
/** A record of a store holds 64 KiB. */
const mostBytes = 48 * 1024;
const shareBytes = Math.floor(mostBytes / mostAccounts) - 1;

/**
 * The accounts with another one: it replaces an unfinished one of the same run, and ends those of dead processes. One that is there already,
 * because the answer to its first write was lost, changes nothing. A process that was late to write has its account in its place.
 */
export function addAccount(history: readonly RunAccount[], account: RunAccount): readonly RunAccount[] {
  const known = history.find((each) => isSameRun(each, account));
  if ((known !== undefined && isFinal(known)) || history.some((each) => covers(each, account))) return history;
  const others = history.filter((each) => each !== known).map((each) => closedBy(each, account));
  const at = others.findLastIndex((each) => !isEarlier(account, each)) + 1;
  const last = others[at - 1];
  const joined = last === undefined ? undefined : joinedWith(last, account);
  const kept = joined === undefined ? others.toSpliced(at, 0, account) : others.toSpliced(at - 1, 1, joined);
  return kept.slice(-mostAccounts);
}

/** By its epoch and by the clocks: where a state is moved to another store, its epochs begin anew. */
export function isEarlier(account: RunAccount, than: RunAccount): boolean {
  return account.epoch < than.epoch && account.startedAtMs <= than.startedAtMs;
}

/** Whether runs without news, among them those of `account`, share this one. */
function covers(known: RunAccount, account: RunAccount): boolean {
  const isWithin = known.sinceMs <= account.sinceMs && isEarlier(account, known);
  return known.runs > 1 && isWithin && known.process === account.process && isWithoutNews(known) && isWithoutNews(account);
}

/** No two leases of a source have the same epoch, unless its state was moved to another store. */
export function isSameRun(left: Pick<RunAccount, "epoch" | "runId">, right: Pick<RunAccount, "epoch" | "runId">): boolean {
  return left.epoch === right.epoch && left.runId === right.runId;
}

/** The accounts as they are to be read while `epoch` is that of the live lease: a run under way without it was killed. */
export function withoutDeadRuns(history: readonly RunAccount[], epoch: number | undefined): readonly RunAccount[] {
  return history.map((known) => (known.outcome === "running" && known.epoch !== epoch ? { ...known, outcome: "killed" } : known));
}

/** One that was taken for killed may still report how it ended. */
function isFinal({ outcome }: RunAccount): boolean {
  return outcome !== "running" && outcome !== "killed";
}

/** A run under way is over when a later one has its lease: no two processes run a source. */
function closedBy(known: RunAccount, account: RunAccount): RunAccount {
  const isOver = known.epoch !== account.epoch && !isEarlier(account, known);
  return known.outcome === "running" && isOver ? { ...known, outcome: "killed" } : known;
}

/** Two accounts without news as one; undefined when either has news. */
function joinedWith(last: RunAccount, account: RunAccount): RunAccount | undefined {
  if (!isWithoutNews(last) || !isWithoutNews(account)) return undefined;
  const requests = sumOf(last.requests, account.requests);
  return {
    ...account,
    runs: last.runs + account.runs,
    sinceMs: last.sinceMs,
    fetched: last.fetched + account.fetched,
    skipped: last.skipped + account.skipped,
    pages: last.pages + account.pages,
    movedCursor: last.movedCursor || account.movedCursor,
    ...(requests === undefined ? {} : { requests }),
  };
}

function sumOf(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined || right === undefined ? undefined : left + right;
}

/** As JSON of at most 48 KiB. Where the accounts are larger together, the texts of their errors are cut: 50 accounts fit. */
export function formatHistory(history: readonly RunAccount[]): string {
  const whole = `[${history.map(formatAccount).join(",")}]`;
  if (Buffer.byteLength(whole) <= mostBytes) return whole;
  const texts = history.map((account) => formatAccount(withShortError(account)));
  let bytes = 2;
  let first = texts.length;
  while (first > 0 && bytes + Buffer.byteLength(texts[first - 1] ?? "") + 1 <= mostBytes) {
    first -= 1;
    bytes += Buffer.byteLength(texts[first] ?? "") + 1;
  }
  return `[${texts.slice(first).join(",")}]`;
}

function formatAccount(account: RunAccount): string {
  return JSON.stringify(packed(account));
}

/** With the error's text cut so that the account takes no more than its share of a record. */
function withShortError(account: RunAccount): RunAccount {
  const { error } = account;
  if (error === undefined) return account;
  const cutTo = (characters: number): RunAccount => ({
    ...account,
    error: { ...error, message: error.message.slice(0, characters).toWellFormed() },
  });
  let characters = error.message.length;
  while (characters > 0 && Buffer.byteLength(formatAccount(cutTo(characters))) > shareBytes)
    characters = Math.floor(characters * 0.9);
  return cutTo(characters);
}

/** The accounts that can be read; a later release may have written others. */
export function parseHistory(text: string, source: SourceKey): readonly RunAccount[] {
  try {
    const values: unknown = JSON.parse(text);
    return Array.isArray(values) ? values.flatMap((value) => parseAccount(value, source) ?? []) : [];
  } catch {
    return [];
  }
}

/** Without the source, which the key names, and without what is zero, absent or false. */
export function packed(whole: RunAccount): Readonly<Record<string, unknown>> {
  const { source: _, ...account } = whole;
  const { runs, sinceMs, startedAtMs } = account;
  const common = { ...account, ...(runs === 1 && sinceMs === startedAtMs ? { runs: 0, sinceMs: 0 } : {}) };
  return Object.fromEntries(Object.entries(common).filter(([, value]) => value !== 0 && value !== false && value !== undefined));
}

const outcomes: readonly string[] = ["running", "done", "partial", "failed", "killed"] satisfies readonly RunAccount["outcome"][];
const reasons: readonly unknown[] = [
  undefined,
  "max_items",
  "stopping",
  "paused",
  "reloaded",
] satisfies readonly RunAccount["reason"][];
const counts = ["fetched", "mapped", "skipped", "failed", "delivered", "buried", "pages", "openItems", "durationMs"] as const;

/** Undefined for a value of another form. */
export function parseAccount(value: unknown, source: SourceKey): RunAccount | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const given = value as Readonly<Record<string, unknown>>;
  const { runId, epoch, process, startedAtMs, dueMs, outcome, reason, error, requests, runs = 1, sinceMs = startedAtMs } = given;
  const texts = typeof runId === "string" && typeof process === "string" && typeof outcome === "string";
  const numbers = [epoch, runs, requests ?? 0, ...counts.map((name) => given[name] ?? 0)];
  if (!texts || !outcomes.includes(outcome) || !reasons.includes(reason) || !numbers.every(Number.isFinite)) return undefined;
  if (![startedAtMs, sinceMs, dueMs ?? 0].every(isInstant)) return undefined;
  if (error !== undefined && !isRunError(error)) return undefined;
  return {
    resumed: false,
    movedCursor: false,
    runs,
    sinceMs,
    ...given,
    ...Object.fromEntries(counts.map((name) => [name, given[name] ?? 0])),
    source,
  } as RunAccount;
}

function isRunError(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { code, message, retryAtMs = 0 } = value as Readonly<Record<string, unknown>>;
  return typeof code === "string" && typeof message === "string" && isInstant(retryAtMs);
}

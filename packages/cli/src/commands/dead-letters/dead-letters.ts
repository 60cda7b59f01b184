import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { KeptLetter, ListedLetter, Operations, RetryReport } from "@statewave-connectors/runner/operations";
import { act } from "../acting.ts";
import { counted } from "../../terminal/counted.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import { formatAge } from "../../terminal/format-age.ts";
import { formatTable } from "../../terminal/format-table.ts";
import { letterToJson } from "../../terminal/json-style.ts";
import { instantForms, instantHint, parseInstantMs } from "../parse-instant.ts";
import type { CommandContext } from "../command-context.ts";
import type { Output } from "../../terminal/terminal.ts";
import { requireSource } from "../require-source.ts";
import { withOperations } from "../with-operations.ts";

const pageSize = 1000;

export interface LetterFilters {
  readonly source?: SourceKey | undefined;
  /** Of the source, or of the episode. */
  readonly kind?: string | undefined;
  readonly reason?: string | undefined;
  /** Dates or ages. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** Lists dead letters with what they are about, oldest first, all pages. */
export function listDeadLetters(
  context: CommandContext,
  options: LetterFilters & { readonly limit?: number; readonly json?: boolean },
): Promise<ExitCode> {
  const { limit = Number.POSITIVE_INFINITY } = options;
  const isChosen = filterOf(options, Date.now());
  if (typeof isChosen === "string") return wrongFilter(context, isChosen);
  return withOperations(context, async (operations, _signal, config) => {
    const { stdout, outputFailure } = context.terminal;
    let count = 0;
    const most = isFiltered(options) ? pageSize : limit;
    for await (const all of letterPages(operations, { source: options.source, about: true, most })) {
      if (outputFailure?.() !== undefined || count >= limit) break;
      const page = all.filter(isChosen).slice(0, limit - count);
      if (page.length === 0) continue;
      if (options.json === true) for (const letter of page) stdout.write(`${JSON.stringify(letterToJson(letter))}\n`);
      else stdout.write(formatPage(page, stdout, count === 0));
      count += page.length;
    }
    if (count === 0) await requireSource(options.source, config);
    if (count === 0 && options.json !== true) stdout.write("no dead letters\n");
    return exitCode.ok;
  });
}

function isFiltered({ kind, reason, since, until }: LetterFilters): boolean {
  return [kind, reason, since, until].some((filter) => filter !== undefined);
}

/** Whether a letter is one of those; or what is wrong with a filter. */
function filterOf({ kind, reason, since, until }: LetterFilters, nowMs: number): ((letter: ListedLetter) => boolean) | string {
  const [fromMs, toMs] = [since, until].map((time) => (time === undefined ? undefined : parseInstantMs(time, nowMs)));
  if (since !== undefined && fromMs === undefined) return `--since ${since} is ${instantForms}`;
  if (until !== undefined && toMs === undefined) return `--until ${until} is ${instantForms}`;
  const text = reason?.toLowerCase();
  return ({ source, about, reason: given, buriedAtMs }) =>
    (kind === undefined || kind === source.kind || kind === about?.kind) &&
    (text === undefined || given.toLowerCase().includes(text)) &&
    (fromMs === undefined || buriedAtMs >= fromMs) &&
    (toMs === undefined || buriedAtMs < toMs);
}

async function wrongFilter({ terminal }: CommandContext, message: string): Promise<ExitCode> {
  terminal.stderr.write(`error: ${message}\nhint: ${instantHint}\n`);
  return exitCode.usage;
}

const header = ["KEY", "SOURCE", "TYPE", "BURIED", "KIND", "ID", "SUBJECT", "REASON"];
/** In a terminal the reason, which stands last, needs room. */
const longestCell = 32;

function formatPage(page: readonly ListedLetter[], { isTTY, columns }: Output, isFirst: boolean): string {
  const isTerminal = isTTY === true;
  const rows = page.map((letter) => toCells(letter, isTerminal ? longestCell : Number.POSITIVE_INFINITY));
  return formatTable(header, rows, { lineWidth: isTerminal ? columns : undefined, header: isFirst });
}

function toCells({ key, source, type, reason, buriedAtMs, about = {} }: ListedLetter, longest: number): readonly string[] {
  const { kind = "-", id = "-", subject = "-" } = about;
  const named = [kind, id, subject].map((value) => cutCell(value, longest));
  return [key, formatSourceKey(source), type, `${formatAge(Date.now() - buriedAtMs)} ago`, ...named, reason];
}

/** An id differs at its end. */
function cutCell(value: string, longest: number): string {
  const characters = Array.from(value);
  return characters.length <= longest ? value : `…${characters.slice(characters.length - longest + 1).join("")}`;
}

/** Prints one dead letter with what was buried, as JSON. */
export function showDeadLetter(context: CommandContext, key: string): Promise<ExitCode> {
  return withOperations(context, async (operations) => {
    const letter = await operations.getDeadLetter(key);
    if (letter === undefined) {
      context.terminal.stderr.write(`there is no dead letter "${key}"\n`);
      return exitCode.failed;
    }
    context.terminal.stdout.write(`${JSON.stringify(letterToJson(letter), undefined, 2)}\n`);
    return exitCode.ok;
  });
}

export interface ActOptions extends LetterFilters {
  readonly all?: boolean;
  readonly yes?: boolean;
  readonly as?: string;
  readonly json?: boolean;
}

/** Retries letters, or forgets them for good: those named, or all that the filters name. A retried item is mapped and delivered at once, or kept with its reason. */
export function actOnDeadLetters(
  context: CommandContext,
  action: "retry" | "discard",
  keys: readonly string[],
  options: ActOptions,
): Promise<ExitCode> {
  const isChosen = filterOf(options, Date.now());
  if (typeof isChosen === "string") return wrongFilter(context, isChosen);
  return withOperations(context, async (operations, signal) => {
    const chosen = [...new Set(keys), ...(options.all === true ? await choose(operations, options, isChosen) : [])];
    const unknown = options.yes === true ? 0 : await countUnknown(operations, keys);
    const what = `${action} ${counted(chosen.length - unknown, "dead letter")}`;
    // No answer is needed to keys that name nothing: they are reported.
    const yes = options.yes === true || (unknown > 0 && unknown === chosen.length);
    const acting = { command: `dead-letters ${action}`, targets: chosen, what, yes, as: options.as, signal };
    return act(context, operations, acting, async () => {
      const { lettersBefore } = await import("@statewave-connectors/runner/actions");
      const before = await lettersBefore(operations, chosen);
      const outcome = await (action === "retry" ? retry(operations, chosen) : discard(operations, chosen));
      const result = reportOutcome(context, keys, options, outcome);
      return { result, before, after: outcome.json, ...(isMissing(outcome, keys) && { error: noLetter(keys) }) };
    });
  });
}

/** How many of the keys name no letter. */
async function countUnknown(operations: Operations, keys: readonly string[]): Promise<number> {
  let unknown = 0;
  for (const key of new Set(keys)) if ((await operations.getDeadLetter(key)) === undefined) unknown += 1;
  return unknown;
}

async function choose(
  operations: Operations,
  { source, kind }: ActOptions,
  isChosen: (letter: ListedLetter) => boolean,
): Promise<readonly string[]> {
  const chosen: string[] = [];
  // What a letter is about is read only where it is compared.
  for await (const page of letterPages(operations, { source, about: kind !== undefined }))
    chosen.push(...page.filter(isChosen).map(({ key }) => key));
  return chosen;
}

function reportOutcome(
  { terminal: { stdout, stderr } }: CommandContext,
  keys: readonly string[],
  { all, json }: ActOptions,
  { count, said, kept, json: values }: LetterOutcome,
): ExitCode {
  if (json === true) stdout.write(`${JSON.stringify(values)}\n`);
  if (isMissing({ count, kept }, keys)) {
    stderr.write(`${noLetter(keys).message}\n`);
    return exitCode.failed;
  }
  if (json !== true) stdout.write(`${said}\n`);
  for (const { key, code, message, hint } of kept)
    stderr.write(`dead letter "${key}" is kept: ${message} [${code}]\n${hint === undefined ? "" : `hint: ${hint}\n`}`);
  const missing = all === true ? 0 : new Set(keys).size - count - kept.length;
  if (missing > 0) stderr.write(`${missing} of the keys ${missing === 1 ? "names" : "name"} no dead letter\n`);
  return kept.length === 0 && missing <= 0 ? exitCode.ok : exitCode.failed;
}

/** Whether none of the keys names a letter: nothing was done. */
function isMissing({ count, kept }: Pick<LetterOutcome, "count" | "kept">, keys: readonly string[]): boolean {
  return count === 0 && kept.length === 0 && keys.length > 0;
}

function noLetter(keys: readonly string[]): Error {
  return new Error(`there is no dead letter ${keys.map((key) => `"${key}"`).join(" or ")}`);
}

/** What an action did. */
interface LetterOutcome {
  readonly count: number;
  /** For the last line on stdout. */
  readonly said: string;
  readonly kept: RetryReport["kept"];
  /** For `--json`. */
  readonly json: unknown;
}

async function retry(operations: Operations, keys: readonly string[]): Promise<LetterOutcome> {
  let [requeued, delivered] = [0, 0];
  const kept: KeptLetter[] = [];
  for (const part of inPages(keys)) {
    const report = await operations.retryDeadLetters(part);
    requeued += report.requeued;
    delivered += report.delivered;
    kept.push(...report.kept);
  }
  const items = delivered + kept.length === 0 ? [] : [`${delivered} mapped and delivered`];
  const others = requeued === 0 && items.length > 0 ? [] : [`${requeued} put back into the queue`];
  const stayed = kept.length === 0 ? [] : [`${kept.length} kept`];
  return {
    count: requeued + delivered,
    said: [...others, ...items, ...stayed].join(", "),
    kept,
    json: { requeued, delivered, kept },
  };
}

async function discard(operations: Operations, keys: readonly string[]): Promise<LetterOutcome> {
  let count = 0;
  for (const part of inPages(keys)) count += await operations.discardDeadLetters(part);
  return { count, said: `${count} discarded`, kept: [], json: { discarded: count } };
}

function* inPages(keys: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start < keys.length; start += pageSize) yield keys.slice(start, start + pageSize);
}

interface Listing {
  readonly source: SourceKey | undefined;
  readonly about?: boolean;
  /** In one page. */
  readonly most?: number;
}

async function* letterPages(
  operations: Operations,
  { source, about = false, most = pageSize }: Listing,
): AsyncGenerator<readonly ListedLetter[], void> {
  const limit = Math.min(pageSize, most);
  let after: string | undefined;
  for (;;) {
    const page = await operations.listDeadLetters({
      limit,
      ...(about ? { about } : {}),
      ...(source === undefined ? {} : { source }),
      ...(after === undefined ? {} : { after }),
    });
    yield page;
    after = page.at(-1)?.key;
    if (page.length < limit) return;
  }
}

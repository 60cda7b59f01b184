import { endsWithColon, headerLabel, isAttribution, isForwardMark, isOriginalMark, mayBeginAttribution } from "./quote-marks.ts";

/** Lines of a mail that belong together. */
export interface ReplyBlock {
  /** Written by the sender, quoted by the sender, or passed on. */
  readonly kind: "own" | "quote" | "forward";
  readonly lines: string[];
}

/** An attribution is folded into at most so many lines. */
const maxAttributionLines = 4;
/** So much is read of each of them. */
const maxAttributionLength = 300;
/** The labels of a quoted mail's headers stand in so many lines. */
const maxHeaderLines = 10;

/** What a line holds that is the first of a quoted or forwarded mail, unless it begins a sentence of several lines. Most hold none of it. */
const mayBeMark = /[:：]|^\s*(?:>|_{10})|^[\s*]*--/;

/** What a text with a quoted or forwarded mail holds in any case. Most short mails hold none of it. */
const mayHoldMark = /[:：>]|--|_{10}/;

/** Reads a text as what its sender wrote, quotes and passes on. Each line is looked at a fixed number of times. */
export function findBlocks(text: string, isForward: boolean): readonly ReplyBlock[] {
  const lines = text.split("\n");
  if (!mayHoldMark.test(text)) return [{ kind: "own", lines }];
  const blocks: ReplyBlock[] = [];
  const add = (kind: ReplyBlock["kind"], from: number, end: number) => {
    const last = blocks.at(-1);
    const block = last?.kind === kind ? last : { kind, lines: [] };
    if (block !== last) blocks.push(block);
    // Not `push(...)`: a text has more lines than a call may have arguments.
    for (let index = from; index < end; index += 1) block.lines.push(lines[index] ?? "");
  };
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? "";
    if (!mayBeMark.test(line) && !isColonNear(lines, at)) {
      add(blocks.at(-1)?.kind === "quote" && isBlankBeforeQuote(lines, at) ? "quote" : "own", at, at + 1);
      at += 1;
      continue;
    }
    if (isForwardMark(line)) {
      blocks.push({ kind: "forward", lines: lines.slice(at) });
      break;
    }
    if (isQuoted(line)) {
      add("quote", at, at + 1);
      at += 1;
      continue;
    }
    if (beginsQuotedMail(lines, at)) {
      // No mark says where it ends.
      blocks.push({ kind: isForward ? "forward" : "quote", lines: lines.slice(at) });
      break;
    }
    const attribution = attributionAt(lines, at);
    if (attribution === undefined) {
      add(blocks.at(-1)?.kind === "quote" && isBlankBeforeQuote(lines, at) ? "quote" : "own", at, at + 1);
      at += 1;
      continue;
    }
    const end = attribution.isMarked ? attribution.end : lines.length;
    add("quote", at, end);
    at = end;
  }
  return blocks;
}

export function isQuoted(line: string): boolean {
  return /^[ \t]{0,3}>/.test(line);
}

/** An empty line between two quoted ones. */
function isBlankBeforeQuote(lines: readonly string[], at: number): boolean {
  return (lines[at] ?? "").trim() === "" && isQuoted(lines[at + 1] ?? "");
}

/** `-----Original Message-----`, a long line with headers below it, or headers alone, as Outlook writes them. */
function beginsQuotedMail(lines: readonly string[], at: number): boolean {
  const line = lines[at] ?? "";
  if (isOriginalMark(line)) return true;
  const isRule = /^_{10,}$/.test(line.trim());
  const first = isRule ? nextWords(lines, at + 1) : at;
  const label = headerLabel(lines[first] ?? "");
  if (label !== "from" && label !== "date") return false;
  const labels = lines.slice(first, first + maxHeaderLines).map((each) => headerLabel(each));
  const end = labels.indexOf(undefined);
  const together = new Set(end === -1 ? labels : labels.slice(0, end));
  // With fewer of them, or lines between them, it may be prose.
  if (label === "date") return together.size === 4;
  return (
    (together.size >= 3 && together.has("date")) ||
    (labels.includes("subject") && (labels.includes("date") || labels.includes("to")))
  );
}

function nextWords(lines: readonly string[], from: number): number {
  const limit = Math.min(from + 3, lines.length);
  for (let at = from; at < limit; at += 1) if ((lines[at] ?? "").trim() !== "") return at;
  return from;
}

interface FoundAttribution {
  readonly end: number;
  /** Whether the quote below it has `>` in front of its lines. */
  readonly isMarked: boolean;
}

/** Whether a line, or one of those that may continue it, ends as an attribution does. */
function isColonNear(lines: readonly string[], at: number): boolean {
  for (let index = at; index < at + maxAttributionLines; index += 1)
    if (endsWithColon((lines[index] ?? "").slice(0, maxAttributionLength))) return true;
  return false;
}

function attributionAt(lines: readonly string[], at: number): FoundAttribution | undefined {
  const first = lines[at] ?? "";
  if (first.trim() === "" || first.length > maxAttributionLength) return undefined;
  const most = mayBeginAttribution(first) ? maxAttributionLines : 1;
  if (most === 1 && !endsWithColon(first)) return undefined;
  let joined = "";
  for (let count = 1; count <= most; count += 1) {
    const line = lines[at + count - 1];
    if (line === undefined || line.trim() === "") return undefined;
    // The bracket of an address may begin the next line.
    if (isQuoted(line) && joined.lastIndexOf("<") <= joined.lastIndexOf(">")) return undefined;
    if (count > 1 && !isFolded(lines[at + count - 2] ?? "", line)) return undefined;
    joined = `${joined} ${line.slice(0, maxAttributionLength).trim()}`;
    const kind = isAttribution(joined.trim());
    if (kind === undefined) continue;
    const end = at + count;
    if (isQuoted(lines[nextWords(lines, end)] ?? "")) return { end, isMarked: true };
    // Without marks, the sentence must stand alone between empty lines.
    const isAlone = at === 0 || (lines[at - 1] ?? "").trim() === "";
    return kind === "certain" && isAlone && mayBeginAttribution(first) ? { end, isMarked: false } : undefined;
  }
  return undefined;
}

/** Shorter lines are not folded by a program, but ended by their writer. */
const leastFolded = 40;
const longestLine = 60;
const longestVerb = 20;

/** Whether a line continues the one before it, and is no sentence of its own. */
function isFolded(before: string, line: string): boolean {
  const end = before.trimEnd();
  // Unlike a number with a dot, a word with one ends a sentence.
  if (/[^\d][.!?]$/.test(end) && end.length < longestLine) return false;
  const isVerb = line.trim().length <= longestVerb && endsWithColon(line);
  return end.length >= leastFolded || /[,<]$/.test(end) || /^\s*[<>]/.test(line) || isVerb;
}

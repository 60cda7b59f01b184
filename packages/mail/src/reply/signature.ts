import { isAdvertisement } from "./quote-marks.ts";

/** Longer ones are no signature but text below a line. */
const maxSignatureLines = 30;
const maxDashedLines = 12;
/** Mailing lists put an address and a link below a long line. */
const maxFooterLines = 6;

/** The lines of a mail's own words without the signature at their end. */
export function withoutSignature(lines: readonly string[]): readonly string[] {
  const mark = lines.findLastIndex((line) => isSignatureMark(line));
  if (mark === -1) return withoutAdvertisement(lines);
  const behind = lines.slice(mark + 1).filter((line) => line.trim() !== "").length;
  return withoutAdvertisement(behind <= mostLinesBehind(lines[mark] ?? "") ? lines.slice(0, mark) : lines);
}

/** Mail programs and servers drop the space behind the dashes. */
function isSignatureMark(line: string): boolean {
  const plain = line.trimEnd();
  return plain === "--" || plain === "—" || isFooterMark(plain);
}

function isFooterMark(line: string): boolean {
  return /^_{10,80}$/.test(line);
}

function mostLinesBehind(mark: string): number {
  if (isFooterMark(mark.trimEnd())) return maxFooterLines;
  return mark === "-- " ? maxSignatureLines : maxDashedLines;
}

const maxAdvertisements = 5;

/** Without lines such as `Sent from my phone` at the end, nor rules above a quote. */
function withoutAdvertisement(lines: readonly string[]): readonly string[] {
  let end = lines.length;
  for (let count = 0; count < maxAdvertisements; count += 1) {
    end = lines.findLastIndex((line, at) => at < end && line.trim() !== "") + 1;
    const last = lines[end - 1] ?? "";
    if (end === 0 || !(isAdvertisement(last) || isRule(last))) break;
    end -= 1;
  }
  return lines.slice(0, end);
}

function isRule(line: string): boolean {
  const marks = line.trim();
  return marks.length >= 3 && ["-", "_", "=", "*"].some((mark) => marks === mark.repeat(marks.length));
}

/** A field of a cron expression: its name, its range and its words. */
interface CronField {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly words?: readonly string[];
  /** Forms besides numbers, e.g. `L` for the last day. Numbers in them are read by the cron library. */
  readonly special?: RegExp;
  /** What the whole field may begin with. */
  readonly prefix?: string;
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const fields: readonly CronField[] = [
  { name: "second", from: 0, to: 59 },
  { name: "minute", from: 0, to: 59 },
  { name: "hour", from: 0, to: 23 },
  { name: "day of the month", from: 1, to: 31, special: /^(l|lw|\d{1,2}w)$/ },
  { name: "month", from: 1, to: 12, words: months },
  // 7 is Sunday, too.
  { name: "day of the week", from: 0, to: 7, words: days, special: /^([0-7]|[a-z]{3})(#[1-5l]|l)$/, prefix: "+" },
];

/** What is wrong with the 5 or 6 fields of a cron expression, in a sentence; undefined when each can be read. */
export function cronFault(texts: readonly string[]): string | undefined {
  // Without seconds there are five.
  for (const [at, field] of fields.slice(-texts.length).entries()) {
    const fault = fieldFault(field, texts[at] ?? "");
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function fieldFault(field: CronField, text: string): string | undefined {
  if (text === "?") return `its ${field.name} is "?", which has no meaning here: write *`;
  const list = field.prefix !== undefined && text.startsWith(field.prefix) ? text.slice(field.prefix.length) : text;
  for (const part of list.split(",")) {
    const fault = partFault(field, part);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** One of `*`, `3`, `3-5`, a step behind `*` or a range, or a special form. */
function partFault(field: CronField, part: string): string | undefined {
  if (field.special?.test(part.toLowerCase()) === true) return undefined;
  const [range = "", step, ...rest] = part.split("/");
  if (rest.length > 0) return invalid(field, part);
  if (step !== undefined) {
    if (range !== "*" && !range.includes("-"))
      return `its ${field.name} has the invalid step "${part}": write */${stepFault(field, part, step) === undefined ? step : "5"}`;
    const fault = stepFault(field, part, step);
    if (fault !== undefined) return fault;
  }
  if (range === "*") return undefined;
  const ends = range.split("-");
  const [first, last = first, ...more] = ends.map((end) => numberOf(field, end));
  if (first === undefined || last === undefined || more.length > 0) return invalid(field, part);
  if (first < field.from || last > field.to)
    return `its ${field.name} is out of range: ${range} is not within ${field.from} to ${field.to}`;
  if (first > last) return `its ${field.name} has the range ${range}, which ends before it begins: write two ranges with a comma`;
  return undefined;
}

function stepFault({ name, from, to }: CronField, part: string, step: string): string | undefined {
  const most = to - from + 1;
  if (/^\d{1,3}$/.test(step) && Number(step) >= 1 && Number(step) <= most) return undefined;
  return `its ${name} has the invalid step "${part}": a step is a whole number from 1 to ${most}`;
}

function numberOf({ from, words }: CronField, text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  const at = words?.indexOf(text.toLowerCase()) ?? -1;
  return at === -1 ? undefined : at + from;
}

function invalid({ name, from, to, words }: CronField, part: string): string {
  const word = words === undefined ? "" : ` or a word such as ${words[1]}`;
  return `its ${name} is invalid: "${part}" is neither *, a number from ${from} to ${to}${word}, a range such as ${from}-${from + 2} nor a step such as */2`;
}

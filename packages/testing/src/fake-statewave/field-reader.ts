import type { ReleaseTraits } from "./release.ts";

/** One entry of a 422's `details`, as FastAPI writes it: it echoes the offending input. */
export interface ValidationIssue {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly input: unknown;
}

export type Validated<Value> = { readonly value: Value } | { readonly issues: readonly ValidationIssue[] };

/** Characters of subjects and sessions, where a release limits them. */
export function identifierOf({ limitsCharacters }: ReleaseTraits): RegExp | undefined {
  return limitsCharacters ? identifierPattern : undefined;
}

const identifierPattern = /^[A-Za-z0-9_.\-:]+$/;
const timestampPattern = /^(\d{4})-(\d{2})-(\d{2})([Tt _](\d{2}):(\d{2})(:(\d{2})([.,]\d{1,9})?)?([Zz]|[+-]\d{2}:?\d{2})?)?$/;

/** Reads the fields of a body, and gathers what is wrong with them. */
export class FieldReader {
  readonly issues: ValidationIssue[] = [];
  readonly #record: Readonly<Record<string, unknown>>;
  readonly #loc: readonly (string | number)[];

  constructor(record: Readonly<Record<string, unknown>>, loc: readonly (string | number)[]) {
    this.#record = record;
    this.#loc = loc;
  }

  text(field: string, maxLength: number, pattern?: RegExp): string {
    const input = this.#record[field];
    if (input === undefined) this.#fail(field, "missing", "Field required", this.#record);
    else if (typeof input !== "string") this.#fail(field, "string_type", "Input should be a valid string", input);
    else {
      this.#checkText(field, input, maxLength, pattern);
      return input;
    }
    return "";
  }

  optionalText(field: string, maxLength: number, pattern?: RegExp): string | null {
    const input = this.#record[field];
    return input === undefined || input === null || (input === "" && pattern === undefined)
      ? null
      : this.text(field, maxLength, pattern);
  }

  optionalInteger(field: string, least: number, most: number): number | null {
    const input = this.#record[field];
    if (input === undefined || input === null) return null;
    if (typeof input !== "number" || !Number.isInteger(input)) {
      this.#fail(field, "int_type", "Input should be a valid integer", input);
    } else if (input < least) this.#fail(field, "greater_than_equal", `Input should be greater than or equal to ${least}`, input);
    else if (input > most) this.#fail(field, "less_than_equal", `Input should be less than or equal to ${most}`, input);
    else return input;
    return null;
  }

  object(field: string, fallback: object | undefined): Readonly<Record<string, unknown>> {
    const input = this.#record[field];
    if (isRecord(input)) return input;
    if (input !== undefined) this.#fail(field, "dict_type", "Input should be a valid dictionary", input);
    else if (fallback === undefined) this.#fail(field, "missing", "Field required", this.#record);
    return { ...fallback };
  }

  optionalTimestamp(field: string): string | null {
    const input = this.#record[field];
    if (input === undefined || input === null) return null;
    const timestamp = typeof input === "number" ? new Date(input * 1000).toISOString() : input;
    if (typeof timestamp === "string" && isTimestamp(timestamp)) return timestamp;
    this.#fail(field, "datetime_from_date_parsing", "Input should be a valid datetime or date", input);
    return null;
  }

  #checkText(field: string, input: string, maxLength: number, pattern: RegExp | undefined): void {
    // Lengths are counted in code points over there; only a string that is long in UTF-16 needs counting.
    if (input.length > maxLength && Array.from(input).length > maxLength) {
      this.#fail(field, "string_too_long", `String should have at most ${maxLength} characters`, input);
    } else if (input === "") this.#fail(field, "string_too_short", "String should have at least 1 character", input);
    else if (pattern?.test(input) === false) {
      this.#fail(field, "string_pattern_mismatch", `String should match pattern '${pattern.source}'`, input);
    }
  }

  #fail(field: string, type: string, msg: string, input: unknown): void {
    this.issues.push({ type, loc: [...this.#loc, field], msg, input });
  }
}

function isTimestamp(text: string): boolean {
  const match = timestampPattern.exec(text);
  if (match === null) return false;
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = [1, 2, 3, 5, 6, 8].map((group) =>
    Number(match[group] ?? 0),
  );
  const date = new Date(Date.UTC(2000, month - 1, day));
  date.setUTCFullYear(year, month - 1, day);
  return year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hours < 24 && minutes < 60 && seconds < 60;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function failed(
  type: string,
  loc: readonly (string | number)[],
  msg: string,
  input: unknown,
): { issues: readonly ValidationIssue[] } {
  return { issues: [{ type, loc, msg, input }] };
}

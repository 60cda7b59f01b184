import type { CommandOutcome } from "../command.ts";
import { isRecord } from "../foreign-fields.ts";
import type { ToolAnswer } from "./tool.ts";

export type JsonRecord = Readonly<Record<string, unknown>>;

/** The answer made of the one JSON object that a command printed. */
export function answerOf(outcome: CommandOutcome, toData: (value: JsonRecord) => JsonRecord = (value) => value): ToolAnswer {
  const value = outcome.stdout.trim() === "" ? undefined : parseRecord(outcome.stdout);
  return { data: value === undefined ? undefined : toData(value), outcome };
}

/** The answer made of the JSON lines that a command printed. None is an empty list, unless the command failed. */
export function answerOfLines(outcome: CommandOutcome, toData: (values: readonly JsonRecord[]) => JsonRecord): ToolAnswer {
  const values = recordsOfLines(outcome.stdout);
  return { data: values.length === 0 && outcome.exitCode !== 0 ? undefined : toData(values), outcome };
}

/** The JSON objects among the lines of a text. */
export function recordsOfLines(text: string): readonly JsonRecord[] {
  return text.split("\n").flatMap((line) => {
    const value = line.trim() === "" ? undefined : parseRecord(line);
    return value === undefined ? [] : [value];
  });
}

/** The objects in a list under a key. */
export function recordsIn(value: JsonRecord, key: string): readonly JsonRecord[] {
  const list = value[key];
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

function parseRecord(text: string): JsonRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { LetterOperations } from "../control/operations/operations.ts";

/** Together they fit into what the audit log keeps of a value. */
const mostLetters = 5;
const mostReasonCharacters = 150;

/** Dead letters as an action finds them, for the audit log, which outlives them: without what was buried. */
export async function lettersBefore({ getDeadLetter }: Pick<LetterOperations, "getDeadLetter">, keys: readonly string[]) {
  const letters = [];
  for (const key of keys.slice(0, mostLetters)) {
    const letter = await getDeadLetter(key);
    if (letter === undefined) continue;
    const { source, type, reason, buriedAtMs } = letter;
    const buriedAt = new Date(buriedAtMs).toISOString();
    letters.push({
      key,
      source: formatSourceKey(source),
      type,
      reason: reason.slice(0, mostReasonCharacters),
      buried_at: buriedAt,
    });
  }
  return { letters };
}

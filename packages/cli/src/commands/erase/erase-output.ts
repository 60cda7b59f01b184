import type { DeletedInStatewave, SubjectTraces } from "@statewave-connectors/runner/operations";
import { oneLine } from "../../terminal/clean-terminal.ts";
import { counted } from "../../terminal/counted.ts";

/** What Statewave still holds where the command does not delete it. */
export type StatewaveRest = "stored" | "nothing" | "unknown";

/** What the state holds of a subject, in a few words. */
export function foundText(traces: SubjectTraces): string {
  return erasedText({ ...traces, waiting: traces.waiting + traces.inDelivery });
}

/** What was erased of it, likewise. */
export function erasedText({ waiting, deadLetters, records }: SubjectTraces): string {
  const changed = Object.entries(records).map(([area, count]) => counted(count, `record of ${area}`, `records of ${area}`));
  return [counted(waiting, "waiting item"), counted(deadLetters, "dead letter"), ...changed].join(", ");
}

/** What is left of a subject, each with what removes it. */
export function leftOf(traces: SubjectTraces, rest: StatewaveRest | DeletedInStatewave): readonly string[] {
  const { inDelivery, undecided, undecidedCount, keptRecords, cursors, entries } = traces;
  const more = undecidedCount > undecided.length ? ` and ${undecidedCount - undecided.length} more` : "";
  return [
    ...(inDelivery === 0 ? [] : [`left: ${counted(inDelivery, "item")} that a process is delivering: run the command again`]),
    ...(undecidedCount === 0
      ? []
      : [
          `left: ${undecided.map(oneLine).join(", ")}${more} mention it and could not be mapped: read them with \`inbox show\` or \`dead-letters show\`, and discard the dead letters that belong to it`,
        ]),
    ...(cursors.length === 0 ? [] : [`left: the cursors of ${cursors.join(", ")} mention it: \`state reset\` forgets one`]),
    ...(keptRecords.length === 0 ? [] : [`left: the records ${keptRecords.map(oneLine).join(", ")} mention it`]),
    ...(entries.length === 0 ? [] : [`${entries.join(", ")} deliver under it again: pause or remove them`]),
    ...restLine(rest),
  ];
}

function restLine(rest: StatewaveRest | DeletedInStatewave): readonly string[] {
  if (rest === "stored") return ["left: Statewave still stores it: add --in-statewave to delete it there"];
  return rest === "unknown"
    ? [
        "left: episodes already delivered cannot be checked, because their destination does not answer or is not a Statewave server",
      ]
    : [];
}

/** As documented. */
export function erasedToJson(traces: SubjectTraces, rest: StatewaveRest | DeletedInStatewave): unknown {
  const { subject, waiting, deadLetters, records, inDelivery, undecided, undecidedCount, ...left } = traces;
  return {
    subject,
    erased: { waiting, dead_letters: deadLetters, records },
    in_statewave: typeof rest === "object" ? { deleted: rest } : rest,
    left: {
      in_delivery: inDelivery,
      undecided: undecidedCount,
      undecided_items: undecided,
      cursors: left.cursors,
      records: left.keptRecords,
      entries: left.entries,
    },
  };
}

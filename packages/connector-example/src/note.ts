import * as v from "valibot";

/** Counts up with every change of any note. */
export const Seq = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

/** What happened to a note: the API lists these, and the webhook sends them one by one. */
export const NoteChange = v.object({
  seq: Seq,
  action: v.picklist(["written", "edited", "deleted"]),
  at: v.pipe(v.string(), v.isoTimestamp()),
  author: v.string(),
  note: v.object({ id: v.pipe(v.string(), v.nonEmpty()), title: v.string(), text: v.string() }),
});

export type NoteChange = v.InferOutput<typeof NoteChange>;

import * as v from "valibot";

/** A plain question about a corpus. */
export const question = v.strictObject({
  ask: v.string(),
  /** Any of them, literally, is the answer. */
  answer: v.pipe(
    v.union([v.string(), v.array(v.string())]),
    v.transform((answer) => (typeof answer === "string" ? [answer] : answer)),
    v.nonEmpty(),
  ),
});

export type Question = v.InferOutput<typeof question>;

/** How every corpus begins. */
export const questions = v.array(question);

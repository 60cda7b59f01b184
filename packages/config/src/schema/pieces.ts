import * as v from "valibot";

/** A description and, where it is not plain from the schema, how the type is called on the reference page. */
export const about = <Input>(description: string, type?: string): v.MetadataAction<Input, Readonly<Record<string, unknown>>> =>
  v.metadata(type === undefined ? { description } : { description, type });

/** Whether a text has no control characters, see {@link noControlMessage}. */
export const hasNoControl = (value: string) => !/\p{Cc}/u.test(value);

/** What is said of a text with control characters. */
export const noControlMessage = "expected text without control characters";

/** Text that is not empty and has no control characters. */
export const text = () => v.pipe(v.string(), v.minLength(1, "expected some text"), v.check(hasNoControl, noControlMessage));

/** A whole number within bounds, both included. */
export const wholeNumber = (smallest: number, largest: number) =>
  v.pipe(
    v.number(),
    v.check(
      (value) => Number.isInteger(value) && value >= smallest && value <= largest,
      `expected a whole number from ${smallest} to ${largest}`,
    ),
  );

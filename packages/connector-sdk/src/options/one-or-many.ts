import * as v from "valibot";

/** What a list says of itself. */
export interface OneOrManyOptions {
  /** What is expected, with an example. It must not quote the value. */
  readonly message: string;
  /** For the reference page, e.g. `name or list of names`. */
  readonly type: string;
  /** Default 1,000. */
  readonly mostItems?: number;
}

/** One text, or a list of them: the connector gets a list of at least one, without repeats. */
export function oneOrMany(item: v.GenericSchema<string, string>, options: OneOrManyOptions) {
  const { message, type, mostItems = 1_000 } = options;
  return v.pipe(
    v.union([item, v.array(item)], message),
    v.transform((given): readonly string[] => [...new Set([given].flat())]),
    v.check((items) => items.length > 0 && items.length <= mostItems, message),
    v.metadata({ type }),
  );
}

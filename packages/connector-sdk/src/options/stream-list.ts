import * as v from "valibot";

/** A list of the streams of a source, for `include` and `exclude`: only these words, each once. */
export function streamList<const Names extends readonly string[]>(names: Names) {
  return v.pipe(
    v.array(v.picklist(names)),
    v.transform((given): readonly Names[number][] => [...new Set(given)]),
    v.metadata({ type: "list of words" }),
  );
}

/** What an entry chooses of its streams. */
export interface StreamChoice<Name extends string> {
  /** Default: all. */
  readonly include?: readonly Name[] | undefined;
  readonly exclude?: readonly Name[] | undefined;
}

/** The streams that are included and not excluded, in the order of `names`. Check that some are left. */
export function chosenStreams<const Name extends string>(
  names: readonly Name[],
  { include = names, exclude = [] }: StreamChoice<Name>,
): ReadonlySet<Name> {
  return new Set(names.filter((name) => include.includes(name) && !exclude.includes(name)));
}

/** What a value is. `counts`: an object of numbers whose keys are not ours, such as reasons. `any`: not described here. */
export type JsonType =
  | "text"
  | "number"
  | "boolean"
  | "time"
  | "texts"
  | "counts"
  | "any"
  | { readonly object: JsonShape }
  | { readonly list: JsonShape };

/** The keys of an object, each of which may be absent. */
export interface JsonShape {
  /** Described once, and named wherever it is used. Without one it is described where it stands. */
  readonly name?: string;
  readonly keys: Readonly<Record<string, readonly [type: JsonType, meaning: string]>>;
}

/** A value that a command prints. */
export interface PrintedValue {
  /** Which of several values it is, as a heading of its table. */
  readonly when?: string;
  readonly shape: JsonShape;
}

/** What commands print with `--json`. */
export interface JsonOutput {
  /** Each as its words, `state list`. */
  readonly commands: readonly string[];
  /** `other`: what it prints is described elsewhere. */
  readonly form: "object" | "list" | "lines" | "other";
  /** Sentences before the tables. */
  readonly about?: string;
  readonly prints: readonly PrintedValue[];
}

import { codePrefixOf } from "../contract/code-prefix.ts";
import type { PullDeclaration } from "../contract/connector.ts";
import { ConnectorsError } from "../contract/errors.ts";

export interface EntryStreamsOptions<Config, Name extends string> {
  /** The connector's kind. */
  readonly kind: string;
  /** What an entry reads, e.g. by `chosenStreams`. */
  readonly of: (config: Config) => Iterable<Name>;
  /** A stored cursor with one stream set back to its beginning, e.g. `resetPart` of a `partsCursor`. */
  readonly reset: (stored: string, stream: Name, config: Config) => string;
}

/** The streams of a source. */
export interface EntryStreams<Config, Name extends string> {
  /** For the declaration of the pull: `pull: { config, open, ...streams.declared }`. */
  readonly declared: Required<Pick<PullDeclaration<Config>, "streams" | "resetStream">>;
  /**
   * What an entry reads; of these only `stream`, where one is named.
   *
   * @throws `<KIND>_STREAM_UNKNOWN`
   */
  of(config: Config, stream?: string): ReadonlySet<Name>;
}

/** Streams that are read separately: `resetStream` and `range` can name one of them. */
export function entryStreams<Config, Name extends string = string>(
  options: EntryStreamsOptions<Config, Name>,
): EntryStreams<Config, Name> {
  const codePrefix = codePrefixOf(options.kind);
  const named = (config: Config, stream: string): Name => {
    const all = [...options.of(config)];
    const found = all.find((name) => name === stream);
    if (found !== undefined) return found;
    throw new ConnectorsError({
      code: `${codePrefix}_STREAM_UNKNOWN`,
      message: `the entry has no stream ${JSON.stringify(stream.slice(0, 40).toWellFormed())}`,
      hint: `name one of ${all.join(", ")}`,
    });
  };
  return {
    declared: {
      streams: (config) => [...options.of(config)],
      resetStream: (config, stored, stream) => options.reset(stored, named(config, stream), config),
    },
    of: (config, stream) => new Set(stream === undefined ? options.of(config) : [named(config, stream)]),
  };
}

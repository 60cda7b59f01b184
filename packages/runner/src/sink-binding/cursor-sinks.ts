import type { SinkIdentity } from "./sink-identity.ts";

/** The sink that a cursor belongs to: it has every episode up to the cursor, unless some went elsewhere. */
export interface CursorSink {
  readonly sink: SinkIdentity;
  /** Other sinks that were delivered to since, from this cursor on. */
  readonly strayed: readonly SinkIdentity[];
}

/** What the store remembers: one sink for all cursors, and those that differ from it by `kind/name`. */
export interface CursorSinks {
  readonly common: CursorSink | undefined;
  readonly own: ReadonlyMap<string, CursorSink>;
}

/** The sink of one source's cursor; undefined when none has acknowledged anything yet. */
export function sinkOf({ common, own }: CursorSinks, source: string): CursorSink | undefined {
  return own.get(source) ?? common;
}

/** Whether the cursor passes over episodes that `configured` may not have. */
export function isForeign(cursorSink: CursorSink | undefined, configured: SinkIdentity): boolean {
  if (cursorSink === undefined) return false;
  return cursorSink.sink.fingerprint !== configured.fingerprint || cursorSink.strayed.some(isOther(configured));
}

export interface CheckpointFacts {
  /** Of the source whose page is about to be checkpointed. */
  readonly cursorSink: CursorSink | undefined;
  readonly configured: SinkIdentity;
  /** Whether the source had a cursor when its run began. */
  readonly hadCursor: boolean;
  /** Whether the configured sink has acknowledged anything. */
  readonly acknowledged: boolean;
}

/** What has to be stored before a checkpoint; undefined: nothing. */
export type CheckpointNote =
  /** No cursor had a sink: all of them take this one. */
  { readonly of: "all"; readonly value: CursorSink } | { readonly of: "source"; readonly value: CursorSink };

const maxStrayed = 5;

/** Decides what to store about the sink of a source before its checkpoint. */
export function noteCheckpoint({ cursorSink, configured, hadCursor, acknowledged }: CheckpointFacts): CheckpointNote | undefined {
  const fresh: CursorSink = { sink: configured, strayed: [] };
  if (cursorSink === undefined) return acknowledged ? { of: "all", value: fresh } : undefined;
  if (!isForeign(cursorSink, configured)) return undefined;
  if (!hadCursor) return { of: "source", value: fresh };
  if (cursorSink.sink.fingerprint === configured.fingerprint || !acknowledged) return undefined;
  if (!cursorSink.strayed.every(isOther(configured))) return undefined;
  return { of: "source", value: { ...cursorSink, strayed: [...cursorSink.strayed, configured].slice(-maxStrayed) } };
}

/** The sinks besides the configured one that a foreign cursor's episodes went to. */
export function otherSinks({ sink, strayed }: CursorSink, configured: SinkIdentity): readonly string[] {
  return [sink, ...strayed].filter(isOther(configured)).map(({ label }) => label);
}

export function formatCursorSink({ sink, strayed }: CursorSink): string {
  return JSON.stringify({ ...sink, ...(strayed.length === 0 ? {} : { strayed }) });
}

/** Undefined for a value that this release cannot read. */
export function parseCursorSink(text: string): CursorSink | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isIdentity(value)) return undefined;
    const strayed: unknown = Reflect.get(value, "strayed");
    return { sink: pick(value), strayed: Array.isArray(strayed) ? strayed.filter(isIdentity).map(pick) : [] };
  } catch {
    return undefined;
  }
}

function isIdentity(value: unknown): value is SinkIdentity {
  if (typeof value !== "object" || value === null) return false;
  return typeof Reflect.get(value, "fingerprint") === "string" && typeof Reflect.get(value, "label") === "string";
}

function pick({ fingerprint, label }: SinkIdentity): SinkIdentity {
  return { fingerprint, label };
}

function isOther(configured: SinkIdentity): (sink: SinkIdentity) => boolean {
  return ({ fingerprint }) => fingerprint !== configured.fingerprint;
}

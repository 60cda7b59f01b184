/** Names one configured entry. `kind` is the connector's word, `name` the entry's; both match `[a-z0-9][a-z0-9_-]*`. */
export interface SourceKey {
  readonly kind: string;
  readonly name: string;
}

/** `kind/name`, the form people type and stores use as a field name. Neither part can hold a slash. */
export function formatSourceKey(source: SourceKey): string {
  return `${source.kind}/${source.name}`;
}

const sourceKeyPattern = /^([a-z0-9][a-z0-9_-]*)\/([a-z0-9][a-z0-9_-]*)$/;

/** The inverse of {@link formatSourceKey}; undefined when `text` is not of that form. */
export function parseSourceKey(text: string): SourceKey | undefined {
  const match = sourceKeyPattern.exec(text);
  return match === null ? undefined : { kind: match[1]!, name: match[2]! };
}

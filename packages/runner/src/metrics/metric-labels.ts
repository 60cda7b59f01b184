import type { SourceKey } from "@statewave-connectors/connector-sdk";

/** An entry carries more than its key, and prom-client refuses labels it does not know. */
export function labelsOf({ kind, name }: SourceKey): { kind: string; name: string } {
  return { kind, name };
}

/** Those of a histogram, which is kept by kind where there are many sources. */
export function histogramLabels(source: SourceKey, perSource: boolean): { kind: string; name?: string } {
  return perSource ? labelsOf(source) : { kind: source.kind };
}

/** A connector's reasons are short words; should one put data there, it must not become a label of its own. */
export function shortWord(reason: string): string {
  return /^[a-z][a-z0-9_]{0,63}$/.test(reason) ? reason : "other";
}

import { didYouMean } from "./did-you-mean.ts";
import type { Table } from "./parse-toml.ts";
import type { ProblemList } from "./problems.ts";
import type { TomlPath } from "./toml-path.ts";

/** An option that `[runner.state]` and `[runner.inbox]` hand on to the store or inbox of some kinds. */
export interface AdapterOption {
  readonly key: string;
  readonly kinds: readonly string[];
  readonly description: string;
}

/** What the kinds of the reference page take. Of other kinds nothing is known: their options are for their packages to check. */
export const adapterOptions: readonly AdapterOption[] = [
  { key: "path", kinds: ["file"], description: "The file; the inbox has one of its own. Default: in `state_dir`." },
  { key: "url", kinds: ["postgres", "redis"], description: "How to connect." },
  { key: "table", kinds: ["postgres"], description: "The table of the cursors." },
  { key: "schema", kinds: ["postgres"], description: "The schema of the cursors; the inbox lies in `<schema>_inbox`." },
  { key: "key_prefix", kinds: ["redis"], description: "What all keys begin with." },
];

const describedKinds = new Set(["memory", ...adapterOptions.flatMap((option) => option.kinds)]);

/** Adds what is wrong with the options of `[runner.state]` or `[runner.inbox]`, so that a typing error is found before the store is opened. */
export function checkAdapterOptions(
  kind: string,
  table: Table,
  ownKeys: readonly string[],
  at: TomlPath,
  problems: ProblemList,
): void {
  if (!describedKinds.has(kind)) return;
  const described = adapterOptions.filter((option) => option.kinds.includes(kind)).map((option) => option.key);
  for (const [key, value] of Object.entries(table)) {
    if (ownKeys.includes(key)) continue;
    const path = [...at, key];
    if (described.includes(key)) {
      if (typeof value !== "string" || value === "") problems.add(path, "expected some text");
    } else if (adapterOptions.some((option) => option.key === key)) {
      problems.add(path, `is not an option of the kind "${kind}"`);
    } else {
      const meant = didYouMean(key, [...described, ...ownKeys]);
      problems.add(path, "unknown key", meant === undefined ? undefined : `did you mean ${meant}?`);
    }
  }
}

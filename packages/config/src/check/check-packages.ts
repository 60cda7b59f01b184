import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import type { Distrust } from "../adapters/code-trust.ts";
import { isPathOverride } from "../adapters/load-adapter.ts";
import type { LoadedKinds } from "../adapters/load-connectors.ts";
import { kindPattern } from "../schema/kind.ts";
import type { Table } from "../toml/parse-toml.ts";
import { kindHint, kindMessage, type RawEntry } from "./check-entries.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { ProblemList } from "./problems.ts";

/** The name of an npm package. */
export const packageName = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/** `[connectors]`: the packages and paths of kinds, as far as they are valid. */
export function checkPackages(
  table: Table,
  knownKinds: () => readonly string[],
  problems: ProblemList,
): Readonly<Record<string, string>> {
  const packages: Record<string, string> = Object.create(null);
  for (const [kind, value] of Object.entries(table)) {
    if (!kindPattern.test(kind)) problems.add(["connectors", kind], kindMessage, kindHint(kind, knownKinds()));
    else if (typeof value === "string" && (isPathOverride(value) || packageName.test(value))) packages[kind] = value;
    else problems.add(["connectors", kind], "expected the name of a package, or a path beginning with ./, ../ or /");
  }
  return packages;
}

/** The kinds whose code is named by a path, which this file may not do. */
export function refusePaths(
  packages: Readonly<Record<string, string>>,
  { reason, hint }: Distrust,
  problems: ProblemList,
): readonly string[] {
  const refused = Object.entries(packages).flatMap(([kind, override]) => (isPathOverride(override) ? [kind] : []));
  for (const kind of refused) problems.add(["connectors", kind], `code is not loaded by its path: ${reason}`, hint);
  return refused;
}

/** Behind the places that a package was looked for in. */
export const leftOutFolders = "; folders that other users own or may write to are left out";

interface LoadFacts {
  readonly problems: ProblemList;
  /** The kinds of `[connectors]`. */
  readonly named: readonly string[];
  /** The folders that packages are looked for in; undefined: none was left out. */
  readonly packageFolders: readonly string[] | undefined;
}

/** Reports every connector that could not be loaded, at the first entry that needs it. */
export function addLoadProblems(
  loaded: LoadedKinds,
  entries: readonly RawEntry[],
  { problems, named, packageFolders }: LoadFacts,
): void {
  for (const [kind, failure] of loaded.failures) {
    if (!isConnectorsError(failure)) throw failure;
    const first = entries.find((entry) => entry.kind === kind)!;
    const isMissing = failure.code === "CONFIG_PACKAGE_NOT_FOUND";
    // A kind of `[connectors]` has no package of its name.
    const meant = isMissing && !named.includes(kind) ? didYouMean(kind, named) : undefined;
    // Not looking in a folder must not look like a package that is missing.
    const narrowed = packageFolders === undefined || !isMissing ? "" : leftOutFolders;
    problems.add(first.at.slice(0, 2), failure.message + narrowed, meant === undefined ? failure.hint : `did you mean ${meant}?`);
    if (failure.cause !== undefined) problems.causes.push(failure.cause);
  }
}

// eslint-disable-next-line import/no-unassigned-import -- it must be evaluated before everything else
import "../require-node.ts";

export type { NameKind } from "./look-ups.ts";
export { NameDirectory, type NameDirectoryOptions, type NamesFor, type ResolvedNames } from "./name-directory.ts";
export { NameRequests, type Names } from "./names.ts";

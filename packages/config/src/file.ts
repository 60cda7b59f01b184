/** For programs that read or write files of this form themselves. */
export { interpolateTable } from "./references/interpolate-table.ts";
export { ProblemList } from "./check/problems.ts";
export { kindPattern } from "./schema/kind.ts";
export { pullEntryTable, pushEntryTable } from "./schema/entry-tables.ts";
export { statewaveTable } from "./schema/statewave-table.ts";
export { comment, line } from "./starter/toml-text.ts";
export { checkFileSize, parseToml, type Table } from "./toml/parse-toml.ts";
export { findLines } from "./toml/toml-lines.ts";
export { type SecretVariable, variableOf, withReferences } from "./trial/entry-toml.ts";
export { VariableNames } from "./trial/variable-names.ts";

import { type Fields, stringField, toFieldsList } from "@statewave-connectors/connector-sdk/items";

/** Documents of Slack's own, by their type. */
const documents: ReadonlyMap<string, string> = new Map([
  ["quip", "canvas"],
  ["canvas", "canvas"],
  ["list", "list"],
]);

/** `[file: Report, PDF]`, one for each file; a file that cannot be opened is named as such. */
export function namesOfFiles(files: unknown): readonly string[] {
  return toFieldsList(files).map((file) => nameOfFile(file));
}

/** @see https://docs.slack.dev/reference/objects/file-object */
function nameOfFile(file: Fields): string {
  const name = stringField(file, "title") ?? stringField(file, "name");
  const missing = missingBecause(file);
  if (missing !== undefined) return `[file${name === undefined ? "" : ` ${name}`} not available: ${missing}]`;
  const document = documents.get(stringField(file, "filetype") ?? "") ?? documents.get(stringField(file, "mode") ?? "");
  if (document !== undefined) return `[${document}: ${name ?? "unnamed"}]`;
  const type = stringField(file, "pretty_type") ?? stringField(file, "mimetype");
  return `[file: ${name ?? "unnamed"}${type === undefined ? "" : `, ${type}`}]`;
}

function missingBecause(file: Fields): string | undefined {
  const { mode, file_access: access } = file;
  if (mode === "hidden_by_limit") return "hidden by the limits of the Slack plan";
  if (mode === "tombstone" || access === "file_not_found") return "deleted";
  if (access === "access_denied") return "no access";
  return undefined;
}

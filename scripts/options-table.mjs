import { describeOptions } from "../packages/connector-sdk/src/schema/describe-options.ts";
import { markdownTable } from "./markdown-table.mjs";

/** @typedef {import("../packages/connector-sdk/src/schema/describe-options.ts").OptionDescription} OptionDescription */

/** The table of a schema's options: their names, types, defaults and descriptions. @param {unknown} schema */
export const optionsTable = (schema) => tableOfOptions(describeOptions(schema));

/** @param {readonly OptionDescription[]} options */
export const tableOfOptions = (options) => markdownTable(["Key", "Type", "Default", "What"], options.map(row));

/** @param {OptionDescription} option */
function row({ key, type, required, defaultText, secret, description }) {
  const fallback = defaultText === undefined ? (required ? "required" : "—") : `\`${defaultText}\``;
  const shownType = `${type.replaceAll("|", "\\|")}${secret ? ", secret" : ""}`;
  return [`\`${key}\``, shownType, fallback, description.replaceAll("|", "\\|").replaceAll("\n", " ")];
}

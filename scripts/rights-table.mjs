import { markdownTable } from "./markdown-table.mjs";

/** @typedef {import("../packages/connector-sdk/src/index.ts").Right} Right */

/** The table of the rights that a token needs. @param {readonly Right[]} rights */
export const rightsTable = (rights) => markdownTable(["Right", "For", "Needed"], rights.map(row));

/** @param {Right} right */
function row({ name, for: purpose, optional = false }) {
  return [`\`${name}\``, purpose.replaceAll("|", "\\|").replaceAll("\n", " "), optional ? "optional" : "yes"];
}

import { escapeInvisible } from "@statewave-connectors/connector-sdk/secrets";

export interface TableOptions {
  /** Characters in a line of the terminal; undefined: nothing is cut, for pipes and files. */
  readonly lineWidth?: number | undefined;
  readonly header?: boolean;
}

/** A title, or one of a column that is left out of narrower terminals. */
export type TableColumn = string | { readonly title: string; readonly fromWidth: number };

const gap = "  ";
const narrowest = 8;

/** Columns with a header line, left-aligned, each as wide as its widest value. Where the line is too short, the last column is cut. */
export function formatTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  { lineWidth, header: hasHeader = true }: TableOptions = {},
): string {
  const isShown = columns.map((column) => typeof column === "string" || lineWidth === undefined || lineWidth >= column.fromWidth);
  const header = columns.map((column) => (typeof column === "string" ? column : column.title)).filter((_, at) => isShown[at]);
  const visible = rows.map((row) => row.filter((_, at) => isShown[at]).map((cell) => escapeInvisible(cell)));
  const widths = header.map((title, index) => Math.max(title.length, ...visible.map((row) => lengthOf(row[index] ?? ""))));
  const lines = hasHeader ? [header, ...visible] : visible;
  const lastWidth = lineWidth === undefined ? undefined : Math.max(narrowest, lineWidth - widthBeforeLast(widths));
  return lines.map((row) => `${formatRow(row, widths, lastWidth)}\n`).join("");
}

function widthBeforeLast(widths: readonly number[]): number {
  return widths.slice(0, -1).reduce((sum, width) => sum + width + gap.length, 0);
}

function formatRow(row: readonly string[], widths: readonly number[], lastWidth: number | undefined): string {
  const cells = row.map((cell, index) => {
    if (index < row.length - 1) return cell + " ".repeat(Math.max(0, (widths[index] ?? 0) - lengthOf(cell)));
    return lastWidth === undefined ? cell : cut(cell, lastWidth);
  });
  return cells.join(gap).trimEnd();
}

function cut(text: string, width: number): string {
  const characters = Array.from(text);
  return characters.length <= width ? text : `${characters.slice(0, width - 1).join("")}…`;
}

function lengthOf(text: string): number {
  return Array.from(text).length;
}

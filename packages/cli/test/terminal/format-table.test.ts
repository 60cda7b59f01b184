import { expect, test } from "vitest";
import { formatTable } from "../../src/terminal/format-table.ts";

const header = ["SOURCE", "REASON"];

test("columns are aligned below a header, without spaces at the end of a line", () => {
  const rows = [
    ["slack/team", ""],
    ["github/a-long-name", "refused"],
  ];
  expect(formatTable(header, rows)).toBe("SOURCE              REASON\nslack/team\ngithub/a-long-name  refused\n");
});

test("the last column is cut to the terminal's width, and to nothing else", () => {
  const rows = [["slack/team", "a reason that is longer than the line"]];
  expect(formatTable(header, rows, { lineWidth: 30 }).split("\n")[1]).toBe("slack/team  a reason that is …");
  expect(formatTable(header, rows).split("\n")[1]).toContain("longer than the line");
});

test("a column is left out of narrower terminals, and of nothing else", () => {
  const columns = ["SOURCE", { title: "DUE", fromWidth: 40 }, "NOTE"];
  const rows = [["a/b", "in 5m", "late"]];
  expect(formatTable(columns, rows, { lineWidth: 39 })).toBe("SOURCE  NOTE\na/b     late\n");
  for (const lineWidth of [40, undefined])
    expect(formatTable(columns, rows, { lineWidth })).toBe("SOURCE  DUE    NOTE\na/b     in 5m  late\n");
});

test("a value can neither start a new line nor control the terminal", () => {
  expect(formatTable(header, [["a/b", "one\ntwo\u001b[31m"]]).split("\n")).toHaveLength(3);
});

test("a further page has no header", () => {
  expect(formatTable(header, [["a/b", "c"]], { header: false })).toBe("a/b     c\n");
});

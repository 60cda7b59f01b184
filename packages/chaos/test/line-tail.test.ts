import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { LineTail } from "../src/witness/line-tail.ts";

it("answers each whole line once, also one that was written in two parts or inside a character", ({ onTestFinished }) => {
  const folder = mkdtempSync(join(tmpdir(), "line-tail-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "lines");
  const tail = new LineTail(path);
  expect([...tail.read()]).toEqual([]);
  const bytes = Buffer.from("one\ntwo ü\nthree\n");
  appendFileSync(path, bytes.subarray(0, 9));
  expect([...tail.read()]).toEqual(["one"]);
  appendFileSync(path, bytes.subarray(9, 12));
  expect([...tail.read()]).toEqual(["two ü"]);
  expect([...tail.read()]).toEqual([]);
  appendFileSync(path, bytes.subarray(12));
  expect([...tail.read()]).toEqual(["three"]);
});

it("reads in pieces what is larger than one, and no line that is not yet whole", ({ onTestFinished }) => {
  const folder = mkdtempSync(join(tmpdir(), "line-tail-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "lines");
  const tail = new LineTail(path);
  const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index} ü`);
  writeFileSync(path, `${lines.join("\n")}\nhalf`);
  expect([...tail.read()]).toEqual(lines);
  appendFileSync(path, " a line\n");
  expect([...tail.read()]).toEqual(["half a line"]);
});

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const script = fileURLToPath(new URL("../../../scripts/check-regexps.mjs", import.meta.url));
const exceptionsFile = "scripts/regexps/exceptions.json";

/** What the check says of a repository with these files. */
function check(files: Readonly<Record<string, string>>): { readonly status: number | null; readonly output: string } {
  const root = mkdtempSync(join(tmpdir(), "regexps-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, root], { encoding: "utf8", timeout: 120_000 });
  return { status, output: stdout + stderr };
}

const file = "packages/connector-planted/src/link.ts";

const planted: Readonly<Record<string, string>> = {
  "literal-polynomial": String.raw`export const slow = (text: string) => /;\s*rel\s*=\s*"?(?:[^"]*\s)?next/.test(text);`,
  "literal-exponential": "export const slow = /^(?:a|a)*$/u;",
  "spaces-at-the-end": String.raw`export const trim = (text: string) => text.replace(/\s+$/, "");`,
  "string-that-regexp-compiles": String.raw`export const slow = new RegExp("(x+)+y", "i");`,
  "raw-template-without-new": "export const slow = RegExp(String.raw`(\\d+)+x`);",
  "string-that-match-compiles": `export const slow = (text: string) => text.match("(x+x+)+y");`,
  "behind-a-division": "export const half = (a: number) => a / 2 / 1; export const slow = /(?:b+)+c/;",
};

test("finds each of the planted expressions, in packages and in apps", () => {
  const files = Object.entries(planted).map(
    ([name, text], at) => [`${at % 2 ? "apps/a" : "packages/b"}/src/${name}.ts`, text] as const,
  );
  const { status, output } = check(Object.fromEntries(files));
  const found = output.matchAll(/^(\S+):1: .*\n {2}backtracks: .*(?:polynomial|exponential)/gm);
  expect(new Set(Array.from(found, ([, path]) => path))).toEqual(new Set(files.map(([path]) => path)));
  expect(status).toBe(1);
});

test("takes what is linear, and neither comments nor strings for expressions", () => {
  const text = 'export const id = /^[a-z]+(-[a-z0-9]+)*$/;\n// /(a+)+$/\nexport const path = "/(a+)+$/";\n';
  expect(check({ [file]: text })).toEqual({ status: 0, output: "1 regular expressions in 1 files, 0 problems\n" });
});

test("an expression put together at run time needs an exception with a reason", () => {
  const text = "export const make = (word: string) => new RegExp(word);\n";
  expect(check({ [file]: text })).toMatchObject({ status: 1, output: expect.stringContaining("is put together at run time") });
  const exception = { file, source: "new RegExp(word)", reason: "the word is ours" };
  expect(check({ [file]: text, [exceptionsFile]: JSON.stringify([exception]) })).toMatchObject({ status: 0 });
  const unreasoned = JSON.stringify([{ ...exception, reason: "" }]);
  expect(check({ [file]: text, [exceptionsFile]: unreasoned })).toMatchObject({
    status: 1,
    output: expect.stringContaining("gives no reason"),
  });
});

test("an exception that is no longer needed must go", () => {
  const exception = { file, source: "/(a+)+$/", reason: "was slow" };
  const { status, output } = check({ [file]: "export const fast = /a+/;\n", [exceptionsFile]: JSON.stringify([exception]) });
  expect([status, output]).toEqual([1, expect.stringContaining("needs no exception any more")]);
});

test("a repository without sources is an error, not a success", () => {
  expect(check({ "README.md": "" }).status).toBe(1);
});

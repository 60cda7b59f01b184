import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";

test("a bundled package has one byte a character, no comments of its declarations, and the values of its source", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bundle-package-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "src"));
  const manifest = { type: "module", exports: { ".": { default: "./dist/index.js" } } };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  const lines = [
    "/** The end of a text that was cut. */",
    'export const cut = "é … 😀";',
    "export const arrow = (name: string) => `→ ${name}`;",
    'export const isFace = /^[😀-😂]$/u.test("😁");',
  ];
  writeFileSync(join(folder, "src/index.ts"), lines.join("\n"));
  const script = new URL("../../../scripts/bundle-package.mjs", import.meta.url);
  const { bundlePackage } = (await import(script.href)) as { readonly bundlePackage: (folder: string) => Promise<void> };
  await bundlePackage(folder);
  const file = join(folder, "dist/index.js");
  const code = readFileSync(file, "utf8");
  expect(code).not.toMatch(/[\u0100-\uffff]|The end of/);
  const { cut, arrow, isFace } = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  expect([cut, String(arrow), isFace]).toEqual(["é … 😀", expect.stringContaining("\\u2192 "), true]);
});

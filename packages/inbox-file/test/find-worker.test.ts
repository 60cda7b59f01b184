import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { findWorker } from "../src/find-worker.ts";

/** A folder with these files in it, all empty. */
function folderWith(...files: readonly string[]) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "find-worker-")));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const urlOf = (file: string) => pathToFileURL(join(folder, file));
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(urlOf(file), file.endsWith("package.json") ? '{ "exports": { "./worker": "./worker.js" } }' : "");
  }
  return { folder, urlOf };
}

test.each([
  ["the package as it is built", "worker-link.js", "worker/worker.js"],
  ["the package as source", "worker-link.ts", "worker/worker.ts"],
  ["a bundle with the worker beside it", "app.js", "inbox-file-worker.js"],
  ["a bundle that is ESM by its name", "app.mjs", "inbox-file-worker.mjs"],
])("in %s it is %s -> %s", (_where, module, worker) => {
  const { urlOf } = folderWith(worker);
  expect(findWorker(urlOf(module).href, undefined).href).toBe(urlOf(worker).href);
});

test("in a bundle of CommonJS it is beside the program", () => {
  const { folder, urlOf } = folderWith("inbox-file-worker.cjs");
  expect(findWorker(undefined, join(folder, "app.cjs")).href).toBe(urlOf("inbox-file-worker.cjs").href);
});

test("in a bundle with the package installed it is the package's", () => {
  const own = "node_modules/@statewave-connectors/inbox-file";
  const { urlOf } = folderWith(`${own}/package.json`, `${own}/worker.js`);
  expect(findWorker(urlOf("dist/app.js").href, undefined).href).toBe(urlOf(`${own}/worker.js`).href);
});

test("in a program without a file the error names what to build", () => {
  expect(() => findWorker(undefined, undefined)).toThrow(
    expect.objectContaining({ code: "INBOX_WORKER_MISSING", hint: expect.stringContaining("inbox-file-worker.js") }),
  );
});

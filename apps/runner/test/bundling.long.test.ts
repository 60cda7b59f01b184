import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const entry = fileURLToPath(new URL("fixtures/bundled-embedder.ts", import.meta.url));
// Where entry points that are packages are resolved from.
const app = fileURLToPath(new URL("../", import.meta.url));
const worker = "@statewave-connectors/inbox-file/worker";
const conditions = ["@statewave-connectors/source"];

// Outside the repository: nothing that a bundle leaves out is found by chance.
const folder = realpathSync(mkdtempSync(join(tmpdir(), "bundling-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the guide says of esbuild: ESM needs `require` for the dependencies that are CommonJS. */
const requireBanner = {
  js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
};

const bundlers: readonly {
  readonly name: string;
  readonly program: string;
  readonly bundle: (outdir: string) => Promise<unknown>;
}[] = [
  {
    name: "esbuild to ESM",
    program: "embedder.mjs",
    bundle: (outdir) =>
      build({
        absWorkingDir: app,
        entryPoints: { embedder: entry, "inbox-file-worker": worker },
        outdir,
        bundle: true,
        platform: "node",
        format: "esm",
        outExtension: { ".js": ".mjs" },
        banner: requireBanner,
        conditions,
      }),
  },
  {
    name: "esbuild to CommonJS",
    program: "embedder.cjs",
    bundle: (outdir) =>
      build({
        absWorkingDir: app,
        entryPoints: { embedder: entry, "inbox-file-worker": worker },
        outdir,
        bundle: true,
        minify: true,
        platform: "node",
        format: "cjs",
        outExtension: { ".js": ".cjs" },
        logLevel: "error",
        logOverride: { "empty-import-meta": "silent" },
        conditions,
      }),
  },
  {
    name: "rolldown",
    program: "embedder.js",
    async bundle(outdir) {
      const bundle = await rolldown({
        cwd: app,
        input: { embedder: entry, "inbox-file-worker": worker },
        platform: "node",
        resolve: { conditionNames: [...conditions, "node", "import", "default"] },
      });
      await bundle.write({ dir: outdir, format: "esm" });
      await bundle.close();
    },
  },
];

describe.each(bundlers)("a program bundled by $name", ({ name, program, bundle }) => {
  const outdir = join(folder, name.replaceAll(" ", "-"));
  beforeAll(() => bundle(outdir), 120_000);

  test.each([
    ["stores a webhook in the file inbox", "file"],
    ["stores a webhook in the memory inbox, of which it was given nothing", "memory"],
  ])("runs alone: %s, delivers it, knows its versions", { timeout: 120_000 }, (_, kind) => {
    const { status, stdout, stderr } = run(outdir, program, kind);
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining('{"status":200,"version":"') });
    const result = JSON.parse(stderr.trim().split("\n").at(-1)!) as Record<string, unknown>;
    expect(result).toEqual({ status: 200, version: expect.stringMatching(/^\d+\.\d+\.\d+/), connector: result["version"] });
    expect(stdout).toContain("hello from a bundle");
  });

  test("names what to do about a store that it was not given", { timeout: 120_000 }, () => {
    const { status, stderr } = run(outdir, program, "redis");
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/CONFIG_INVALID/) });
    expect(stderr).toContain('there is no package for the cursor-store "redis"');
  });
});

test("a bundle without the worker's program names what to build", { timeout: 120_000 }, async () => {
  const outdir = join(folder, "without-worker");
  await build({
    entryPoints: [entry],
    outfile: join(outdir, "embedder.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    banner: requireBanner,
    conditions,
  });
  const { status, stderr } = run(outdir, "embedder.mjs", "file");
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining("inbox-file-worker.js") });
  expect(stderr).toContain("INBOX_WORKER_MISSING");
});

function run(outdir: string, program: string, kind: string) {
  const state = join(outdir, `state-${kind}`);
  mkdirSync(state, { recursive: true });
  const { NODE_OPTIONS: _, ...env } = process.env;
  return spawnSync(process.execPath, [join(outdir, program), state, kind], {
    cwd: outdir,
    env,
    encoding: "utf8",
    timeout: 100_000,
  });
}

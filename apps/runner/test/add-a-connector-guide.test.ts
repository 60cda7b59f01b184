import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Connector, Page } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { FakeClock } from "@statewave-connectors/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const guide = readFileSync(join(repository, "docs/guides/add-a-connector.md"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "connector-guide-"));

/** The guide's connector as a package of its own, with what the template has installed. */
beforeAll(() => {
  const [, block] = /```ts\n\/\/ src\/connector\.ts\n([^]*?)```/.exec(guide) ?? [];
  mkdirSync(join(folder, "src"));
  writeFileSync(join(folder, "src/connector.ts"), block ?? "");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  symlinkSync(join(repository, "packages/connector-example/node_modules"), join(folder, "node_modules"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the guide's connector type-checks", () => {
  const compilerOptions = {
    noEmit: true,
    allowImportingTsExtensions: true,
    customConditions: ["@statewave-connectors/source"],
    typeRoots: [join(repository, "node_modules/@types")],
  };
  const config = { extends: join(repository, "tsconfig.base.json"), compilerOptions, include: ["src"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const { status, stdout } = spawnSync(join(repository, "node_modules/.bin/tsc"), ["-p", folder], { encoding: "utf8" });
  expect([status, stdout]).toEqual([0, ""]);
});

test("the guide's connector runs: it yields a page and goes on from its cursor", async () => {
  const { connector } = (await import(pathToFileURL(join(folder, "src/connector.ts")).href)) as { readonly connector: Connector };
  const asked: string[] = [];
  const source = connector.pull!.open(
    { url: "http://feed.invalid/items" },
    {
      source: { kind: "feed", name: "news" },
      baseDir: folder,
      clock: new FakeClock(),
      random: () => 0.5,
      fetch: (input) => {
        asked.push(input instanceof Request ? input.url : String(input));
        return Promise.resolve(Response.json([{ id: 7, title: "Something happened", at: "2026-01-01T00:00:00Z" }]));
      },
      logger: silentLogger,
      reportHealth: () => undefined,
    },
  );
  const pages: Page[] = [];
  for (const cursor of [undefined, "7"]) {
    for await (const page of source.pages(cursor, new AbortController().signal)) pages.push(page);
  }
  expect(connector).toMatchObject({ kind: "feed", version: "1.0.0" });
  expect(asked).toEqual(["http://feed.invalid/items?after=0", "http://feed.invalid/items?after=7"]);
  expect(pages[0]).toMatchObject({ cursor: "7", episodes: [{ kind: "feed.item.published", text: "Something happened" }] });
});

test("the guide names only files that the template has", () => {
  const table = guide.slice(guide.indexOf("| file"), guide.indexOf("A source without webhooks"));
  const files = Array.from(table.matchAll(/`([\w/.-]+\.(?:ts|md))`/g), ([, name]) => name!);
  const folders = ["", "src/"].map((name) => join(repository, "packages/connector-example", name));
  const missing = files.filter((file) => folders.every((inside) => !isReadable(join(inside, file))));
  expect(files.length).toBeGreaterThan(8);
  expect(missing).toEqual([]);
});

function isReadable(path: string): boolean {
  try {
    return readFileSync(path, "utf8") !== "";
  } catch {
    return false;
  }
}

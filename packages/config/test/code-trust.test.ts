import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadConfig, type LoadConfigOptions } from "../src/index.ts";
import { problemsOf, temporaryFolder } from "./load-text.ts";

const connector = `
const config = { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } };
globalThis.loadedConnectors = [...(globalThis.loadedConnectors ?? []), import.meta.url];
export const connector = { kind: "acme", version: "1", pull: { config, open: () => ({}) } };`;
const entry = '[statewave]\nurl = "stdout:"\n[[pull.acme]]\nname = "a"\nschedule = "every 1h"\n';
const byPath = `${entry}[connectors]\nacme = "./acme.mjs"\n`;
const fileName = "statewave-connectors.toml";

const isRoot = process.geteuid?.() === 0;
const otherUid = 65_534;

/** A folder with a configuration and both kinds of code, as another user could have left it. */
function layOut(text: string): string {
  const folder = temporaryFolder();
  const write = (name: string, content: string) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content, { mode: 0o644 });
  };
  write(fileName, text);
  write("acme.mjs", connector);
  write("node_modules/statewave-connector-acme/package.json", '{ "exports": "./index.mjs" }');
  write("node_modules/statewave-connector-acme/index.mjs", connector);
  return folder;
}

const load = (cwd: string, options: LoadConfigOptions = {}) => loadConfig({ cwd, env: { HOME: "/nowhere" }, ...options });

/** What was imported from a folder. */
function loadedFrom(folder: string): readonly string[] {
  const { loadedConnectors = [] } = globalThis as { loadedConnectors?: readonly string[] };
  return loadedConnectors.filter((url) => url.includes(folder));
}

describe("code by its path", () => {
  test("is loaded for the user's own file in the user's own folder", async () => {
    const folder = layOut(byPath);
    await expect(load(folder)).resolves.toMatchObject({ foundBy: "working directory" });
    expect(loadedFrom(folder)).toHaveLength(1);
  });

  test.each<[string, (folder: string) => void, string]>([
    ["a file that everybody may write", (folder) => chmodSync(join(folder, fileName), 0o666), `write to .*${fileName}`],
    ["a file that a group may write", (folder) => chmodSync(join(folder, fileName), 0o664), `write to .*${fileName}`],
    ["a folder that everybody may write", (folder) => chmodSync(folder, 0o777), "other users may write to /"],
    ["a folder like /tmp", (folder) => chmodSync(folder, 0o1777), "other users may write to /"],
  ])("is refused for %s, with the reason, and not run", async (_, open, reason) => {
    const folder = layOut(byPath);
    open(folder);
    expect(await problemsOf(load(folder))).toEqual([
      {
        path: "connectors.acme",
        line: 7,
        message: expect.stringMatching(`^code is not loaded by its path: .*found in the working directory, and .*${reason}`),
        hint: expect.stringMatching(/^run chmod go-w \/.*--config/),
      },
    ]);
    expect(loadedFrom(folder)).toEqual([]);
  });

  test.runIf(isRoot).each<[string, (folder: string) => void]>([
    ["file", (folder) => chownSync(join(folder, fileName), otherUid, otherUid)],
    ["folder", (folder) => chownSync(folder, otherUid, otherUid)],
  ])("is refused for another user's %s", async (_, give) => {
    const folder = layOut(byPath);
    give(folder);
    expect(await problemsOf(load(folder))).toMatchObject([
      {
        path: "connectors.acme",
        message: expect.stringContaining("belongs to another user"),
        hint: expect.stringContaining("--config"),
      },
    ]);
    expect(loadedFrom(folder)).toEqual([]);
  });

  test("is refused for a link to a file in a folder that every user may write to", async () => {
    const [folder, shared] = [layOut(byPath), layOut(byPath)];
    chmodSync(shared, 0o777);
    mkdirSync(join(folder, "mine"), { mode: 0o755 });
    symlinkSync(join(shared, fileName), join(folder, "mine", fileName));
    expect(await problemsOf(load(join(folder, "mine")))).toMatchObject([{ path: "connectors.acme" }]);
  });

  test("is loaded for a file that was named, also when another user owns it", async () => {
    const folder = layOut(byPath);
    chmodSync(folder, 0o777);
    chmodSync(join(folder, fileName), 0o666);
    await expect(load(folder, { configPath: fileName })).resolves.toBeDefined();
    await expect(load("/", { env: { STATEWAVE_CONNECTORS_CONFIG: join(folder, fileName) } })).resolves.toBeDefined();
  });
});

describe("code from node_modules", () => {
  test("is loaded from the user's own folder", async () => {
    await expect(load(layOut(entry))).resolves.toBeDefined();
  });

  test("is not loaded from a folder that every user may write to, beside a file that was not named", async () => {
    const folder = layOut(entry);
    chmodSync(folder, 0o777);
    expect(await problemsOf(load(folder))).toMatchObject([
      {
        path: "pull.acme",
        message: expect.stringMatching(/there is no package for .*; folders that other users own or may write to are left out/),
      },
    ]);
    expect(loadedFrom(folder)).toEqual([]);
    // Stores and inboxes come the same way.
    writeFileSync(join(folder, fileName), `${entry}[runner.state]\nkind = "evil"\n`);
    expect((await problemsOf(load(folder))).map(({ path }) => path)).toContain("runner.state.kind");
  });

  test("is not loaded from a working directory that every user may write to, though the file was named elsewhere", async () => {
    const [folder, elsewhere] = [layOut(entry), temporaryFolder()];
    chmodSync(folder, 0o777);
    writeFileSync(join(elsewhere, "own.toml"), entry);
    const named = { configPath: join(elsewhere, "own.toml") };
    expect(await problemsOf(load(folder, named))).toMatchObject([{ path: "pull.acme" }]);
    expect(loadedFrom(folder)).toEqual([]);
    chmodSync(folder, 0o755);
    await expect(load(folder, named)).resolves.toBeDefined();
  });

  test("is not loaded from a node_modules above that every user may write to", async () => {
    const folder = layOut("");
    mkdirSync(join(folder, "mine"));
    writeFileSync(join(folder, "mine", fileName), entry);
    await expect(load(join(folder, "mine"))).resolves.toBeDefined();
    chmodSync(join(folder, "node_modules"), 0o777);
    expect(await problemsOf(load(join(folder, "mine")))).toMatchObject([{ path: "pull.acme" }]);
  });

  test("is loaded beside a file that was named", async () => {
    const folder = layOut(entry);
    chmodSync(folder, 0o777);
    const { config } = await load("/", { configPath: join(folder, fileName) });
    expect(config.pull).toHaveLength(1);
  });
});

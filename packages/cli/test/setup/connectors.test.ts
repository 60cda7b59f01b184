import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runHere } from "../run-here.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cli-connectors-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const run = (...args: string[]) => runHere(folder, args);

describe("connectors", () => {
  test("lists what is installed, what each can do and the rights that it needs", async () => {
    const { code, stdout } = await run("connectors");
    expect(code).toBe(0);
    for (const kind of ["freshdesk", "github", "intercom", "markdown", "slack", "zendesk"])
      expect(stdout).toMatch(new RegExp(`^${kind} \\d+\\.\\d+\\.\\d+`, "m"));
    expect(stdout).toMatch(/^github .*\n {5}pull: check, map, range, reset_stream, seed, streams\n {5}needs: Metadata \(/m);
    expect(stdout.split(/^(?=\w)/m).filter((block) => block.includes("more may be possible"))).toEqual([]);
  });

  test("prints JSON lines with capabilities, rights and options", async () => {
    const { code, stdout } = await run("connectors", "github", "slack", "--json");
    expect(code).toBe(0);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toEqual([
      expect.objectContaining({
        kind: "github",
        complete: true,
        capabilities: expect.arrayContaining(["pull", "pull.range", "pull.seed", "push"]),
        pull: {
          rights: expect.arrayContaining([{ name: "Contents", for: "releases", optional: true }]),
          options: expect.arrayContaining([expect.objectContaining({ key: "token", secret: true, required: false })]),
        },
      }),
      expect.objectContaining({ kind: "slack" }),
    ]);
  });

  test("ends with 2 for a kind that is not installed, with what was meant", async () => {
    const { code, stdout, stderr } = await run("connectors", "githbu");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toBe('error: no connector "githbu" is installed\nhint: did you mean github?\n');
  });

  test("includes those that the file names by path, and says why one cannot be loaded", async () => {
    await writeFile(join(folder, "broken.mjs"), "export const connector = { kind: 'broken' };");
    await writeFile(
      join(folder, "own.toml"),
      `[connectors]\nbroken = "./broken.mjs"\n[[pull.broken]]\nname = "a"\n[[pull.absent]]\nname = "b"\n`,
    );
    const { code, stdout } = await run("connectors", "broken", "absent", "--config", "own.toml");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^FAIL absent: there is no package for .* \[CONFIG_PACKAGE_NOT_FOUND\]\n {5}hint: npm install /m);
    expect(stdout).toMatch(/^FAIL broken: .* is not a connector .* \[CONFIG_PACKAGE_INVALID\]$/m);
  });

  test("needs no file, and ignores one that is not valid unless it is named", async () => {
    await writeFile(join(folder, "statewave-connectors.toml"), "[statewave\n");
    expect(await run("connectors", "github")).toMatchObject({ code: 0 });
    expect(await run("connectors", "github", "--config", "statewave-connectors.toml")).toMatchObject({ code: 3 });
  });
});

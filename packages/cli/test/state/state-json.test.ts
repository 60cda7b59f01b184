import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runHere } from "../run-here.ts";

const source = "markdown/docs";
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cli-state-json-"));
  for (const name of ["one", "two"])
    await writeFile(
      join(folder, `${name}.toml`),
      `[statewave]\nurl = "stdout:"\n[runner]\nstate_dir = "./${name}"\n[runner.state]\nkind = "file"\n[[pull.markdown]]\nname = "docs"\nschedule = "every 1h"\npath = "."\n`,
    );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function json(...args: readonly string[]): Promise<unknown> {
  const { code, stdout } = await runHere(folder, [...args, "--json"]);
  return { code, ...(JSON.parse(stdout) as object) };
}

test("commands on cursors print what they did as JSON", async () => {
  const one = ["--config", "one.toml"];
  expect(await json("state", "set", "--yes", "--force", source, "mine", ...one)).toEqual({ code: 0, source, cursor: "mine" });
  expect(await json("state", "get", source, ...one)).toEqual({ code: 0, source, cursor: "mine" });
  const { stdout } = await runHere(folder, ["state", "export", ...one]);
  await writeFile(join(folder, "export.json"), stdout);
  const written = { code: 0, sources: 1, records: expect.any(Number) };
  expect(await json("state", "import", "export.json", "--yes", "--force", ...one)).toEqual(written);
  expect(await json("state", "copy", "--from", "one.toml", "--to", "two.toml", "--yes", "--force")).toEqual(written);
  expect(await json("state", "get", source, "--config", "two.toml")).toEqual({ code: 0, source, cursor: "mine" });
  expect(await json("state", "delete", "--yes", source, ...one)).toEqual({ code: 0, source, deleted: true });
  expect(await json("state", "delete", "--yes", source, ...one)).toEqual({ code: 1, source, deleted: false });
  expect(await json("state", "delete-secrets", "--yes", source, ...one)).toEqual({ code: 1, source, deleted: 0 });
});

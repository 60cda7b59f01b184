import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runHere } from "../run-here.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cli-init-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const read = (name: string) => readFile(join(folder, name), "utf8");

test.each([
  ["oauth_token", ["subdomain=acme", "oauth_token=a-token"], ["client_id", "client_secret"]],
  ["api_token", ["subdomain=acme", "email=ada@acme.example", "api_token=a-token"], ["client_id", "client_secret"]],
  ["client_secret", ["subdomain=acme", "client_id=statewave"], ["oauth_token", "api_token"]],
])("a first file whose options choose %s states no second way to sign in", async (stated, options, left) => {
  const given = options.flatMap((option) => ["--option", option]);
  const init = await runHere(folder, ["init", "--yes", "--source", "zendesk", "--direction", "both", ...given]);
  expect(init).toMatchObject({ code: 0, stderr: "" });
  const toml = await read("statewave-connectors.toml");
  expect(toml).toMatch(new RegExp(`^${stated} = `, "m"));
  expect(toml).not.toMatch(new RegExp(`^(?:${left.join("|")}) = `, "m"));

  const names = Object.keys(parseEnv(await read(".env.example")));
  await writeFile(join(folder, ".env"), names.map((name) => `${name}=some-text\n`).join(""));
  expect(await runHere(folder, ["validate-config", "--dotenv", ".env"])).toMatchObject({ code: 0, stderr: "" });
});

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Command } from "commander";
import { commandTree } from "../src/early/command-tree.ts";
import { runHere } from "./run-here.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cli-json-"));
  await writeFile(join(folder, "statewave-connectors.toml"), '[statewave]\nurl = "stdout:"\n[runner.state]\nkind = "file"\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Commands that do something, by their words. */
function actingCommands(command: Command, path: readonly string[] = []): readonly (readonly [string, Command])[] {
  const below = command.commands.flatMap((each) => actingCommands(each, [...path, each.name()]));
  const acts = command.commands.length === 0 || command.registeredArguments.length > 0;
  return [...(acts ? [[path.join(" "), command] as const] : []), ...below];
}

/** A script for a shell, and a protocol of its own. */
const otherForms = new Set(["completion", "mcp"]);

test("every command takes --json, but those whose output another program defines", () => {
  const without = actingCommands(commandTree()).filter(([, { options }]) => options.every(({ long }) => long !== "--json"));
  expect(new Set(without.map(([name]) => name))).toEqual(otherForms);
});

test.each(["state export", "schema"])("%s prints the same with --json", async (command) => {
  const args = command.split(" ");
  const [plain, json] = [await runHere(folder, args), await runHere(folder, [...args, "--json"])];
  expect(json).toEqual(plain);
  expect(json.code).toBe(0);
  JSON.parse(json.stdout);
});

test.each(["inbox show", "dead-letters show"])("%s takes --json", async (command) => {
  expect(await runHere(folder, [...command.split(" "), "9", "--json"])).toMatchObject({ code: 1, stdout: "" });
});

test("healthcheck prints as JSON whether a runner is healthy, and why it is not", async () => {
  const server = createServer((request, response) => response.writeHead(request.url === "/healthz" ? 200 : 503).end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { readonly port: number };
  const check = (...flags: readonly string[]) => runHere(folder, ["healthcheck", "--port", String(port), "--json", ...flags]);
  try {
    expect(await check()).toMatchObject({ code: 0, stdout: '{"healthy":true}\n' });
    const { code, stdout } = await check("--ready");
    const reason = `http://127.0.0.1:${port}/readyz answers 503`;
    expect({ code, ...(JSON.parse(stdout) as object) }).toEqual({ code: 1, healthy: false, reason });
  } finally {
    server.close();
  }
});

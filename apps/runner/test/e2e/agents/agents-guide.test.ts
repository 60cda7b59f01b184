import { chmod } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { expect, it } from "vitest";
import { mainProgram, makeHostileWorkspace } from "./agent-world.ts";
import { configName } from "../workspace.ts";

const guide = readFileSync(new URL("../../../../../docs/guides/agents.md", import.meta.url), "utf8");

interface Settings {
  readonly mcpServers: Readonly<Record<string, { readonly command: string; readonly args: readonly string[] }>>;
}

it("the settings of the guide start the program, and the tools are those that it lists", async (test) => {
  const [, json = ""] = /^```json\n([^]*?)^```/m.exec(guide) ?? [];
  const server = (JSON.parse(json) as Settings).mcpServers["statewave-connectors"];
  const workspace = await makeHostileWorkspace(test);
  // As npm puts it into a PATH.
  await workspace.write("bin/statewave-connectors", `#!/bin/sh\nexec ${process.execPath} ${mainProgram} "$@"\n`);
  await chmod(workspace.path("bin/statewave-connectors"), 0o755);
  const client = new Client({ name: "guide", version: "1.0.0" });
  test.onTestFinished(() => client.close());
  await client.connect(
    new StdioClientTransport({
      command: server?.command ?? "",
      args: (server?.args ?? []).map((each) => each.replace(/^\/etc\/.*\.toml$/, workspace.path(configName))),
      env: { PATH: `${workspace.path("bin")}:${process.env["PATH"]}` },
    }),
  );
  const { tools } = await client.listTools();
  const rows = Array.from(guide.matchAll(/^\| `(\w+)` +\|([^|]*)\|/gm), ([, name = "", text = ""]) => ({ name, text }));
  const looking = rows.filter(({ text }) => !text.includes("--allow-actions"));
  expect(tools.map(({ name }) => name)).toEqual(looking.map(({ name }) => name));
  expect(rows.length).toBeGreaterThan(looking.length);
});

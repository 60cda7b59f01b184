import { chmodSync, existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { RunnerProcess } from "./runner-process.ts";
import { configName, type Ending, makeWorkspace, type Workspace } from "./workspace.ts";

const config = `
[statewave]
url = "stdout:"
[connectors]
planted = "./planted.mjs"
[[pull.planted]]
name = "a"
schedule = "every 1h"
`;

/** A folder that another user prepared, so that starting the program in it would run that user's code. */
async function prepared(test: Ending): Promise<Workspace> {
  const workspace = makeWorkspace(test);
  await workspace.write(configName, config);
  await workspace.write(
    "planted.mjs",
    `import { writeFileSync } from "node:fs"; writeFileSync(new URL("ran", import.meta.url), "");`,
  );
  return workspace;
}

async function start(workspace: Workspace, ...args: readonly string[]) {
  const runner = new RunnerProcess({ args, cwd: workspace.folder });
  const { code } = await runner.exited;
  return { code, text: runner.stdout + runner.stderr, ran: existsSync(workspace.path("ran")) };
}

describe.concurrent("a connector by its path in a folder to which everyone may write", () => {
  it.for([["validate-config"], ["doctor"], ["sync", "planted/a"], ["state", "list"], ["run"]])(
    "%s does not run it",
    async (args, test) => {
      const workspace = await prepared(test);
      chmodSync(workspace.folder, 0o777);
      const { code, text, ran } = await start(workspace, ...args);
      expect({ code, ran }).toEqual({ code: 3, ran: false });
      expect(text).toContain(`connectors.planted: code is not loaded by its path: the file was found in the working directory`);
      expect(text).toContain(`or name the file with --config`);
    },
  );

  it("is run when the file is named", async (test) => {
    const workspace = await prepared(test);
    chmodSync(workspace.folder, 0o777);
    expect((await start(workspace, "validate-config", "--config", configName)).ran).toBe(true);
  });
});

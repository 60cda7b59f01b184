import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { configName, configText, makeWorkspace } from "./workspace.ts";

const guide = readFileSync(new URL("../../../../docs/guides/see-what-goes-on.md", import.meta.url), "utf8");
const blocks = Array.from(guide.matchAll(/^```sh\n([^`]*)^```/gm), ([, block = ""]) => block);
const commands = blocks.flatMap((block) => block.trim().split("\n"));

/** As a shell takes it. */
function wordsOf(command: string): readonly string[] {
  return Array.from(command.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, plain]) => quoted ?? plain ?? "");
}

it("every command of the guide on what happens runs as it is written", async (test) => {
  const workspace = makeWorkspace(test);
  const entry = '\n[[pull.github]]\nname = "main"\nschedule = "0 0 1 1 *"\nrepo = "acme/widgets"\ntoken = "ghp_x"\n';
  await workspace.write(configName, configText({ statewaveUrl: "stdout:", entries: entry }));
  await workspace.write("docs/empty.txt", "");
  expect(commands.length).toBeGreaterThanOrEqual(9);
  const codes: Record<string, number | null> = {};
  for (const command of commands) {
    const [program, ...args] = wordsOf(command);
    const { code, stderr } = await workspace.command(...args);
    expect([program, stderr]).toEqual(["statewave-connectors", expect.not.stringContaining("error:")]);
    codes[args[0] ?? ""] = code;
  }
  // Nothing has run: no process gives a sign of life, and neither item 42 nor the delivery is there.
  expect(codes).toEqual({ status: 10, runs: 0, inbox: 1, trace: 1, pause: 0, resume: 0, audit: 0 });
});

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { makeWorkspace } from "./workspace.ts";

const guide = readFileSync(new URL("../../../../docs/guides/migrate.md", import.meta.url), "utf8");
const blocksOf = (language: string) =>
  Array.from(guide.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, "gm")), ([, block = ""]) => block);
const commands = blocksOf("sh").flatMap((block) => block.trim().split("\n"));

it("every command of the guide on moving here runs as it is written", async (test) => {
  const workspace = makeWorkspace(test);
  const [earlier = ""] = blocksOf("text");
  await workspace.write("old.toml", earlier);
  await workspace.write("cursors.json", '{"version":1,"cursors":{"zendesk/support":"MTU3NjYxMzUzOS4wfHw0Njc="}}');
  await workspace.write(".env", "ZENDESK_TOKEN=zd-token\nSLACK_TEAM_SIGNING_SECRET=a-secret-in-the-file\n");
  const printed: Record<string, string> = {};
  for (const command of commands.filter((line) => !line.includes(" run "))) {
    const [, ...args] = command.split(" ");
    const running = workspace.start({ args });
    const { code } = await running.exited;
    expect({ command, code, stderr: running.stderr }).toEqual({ command, code: 0, stderr: "" });
    expect(running.stdout).not.toContain("a-secret-in-the-file");
    printed[command] = running.stdout;
  }
  const [planned = "", written = "", , begun = "", listed = ""] = Object.values(printed);
  expect(Object.keys(printed)).toHaveLength(5);
  expect(planned).toMatch(/^pull zendesk\/support: converted$/m);
  expect(planned).toMatch(/^pull notion\/wiki: not possible: there is no connector for notion$/m);
  expect(planned).toContain("SLACK_TEAM_SIGNING_SECRET");
  expect(written).toContain("written: new.toml");
  expect(begun).toMatch(/zendesk\/support: the next run begins at /);
  expect(listed).toContain("zendesk/support");

  // What --yes stored is there for the runner, which takes the backfill up by itself.
  const runner = workspace.start({
    args:
      commands
        .find((line) => line.includes(" run "))
        ?.split(" ")
        .slice(1) ?? [],
  });
  await expect.poll(() => runner.stderr + runner.stdout).toContain('"backfill running"');
  await runner.terminate();
  expect(readFileSync(workspace.path("cursors.json"), "utf8")).toContain("MTU3NjYxMzUzOS4wfHw0Njc=");
});

import { readFileSync } from "node:fs";
import { FakeGithub } from "@statewave-connectors/connector-github/testing";
import { startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { expect, it } from "vitest";
import { configName, makeWorkspace } from "../workspace.ts";

const guide = readFileSync(new URL("../../../../../docs/guides/backfill.md", import.meta.url), "utf8");

it("every command of the guide does what the guide says, in its order", async (test) => {
  const github = await FakeGithub.start({ issues: 0, comments: 0, reviewComments: 0, releases: 0 });
  test.onTestFinished(() => github.close());
  const statewave = await startFakeStatewave();
  test.onTestFinished(() => statewave.close());
  for (const day of [31, 1, 2]) {
    const at = Date.UTC(day === 31 ? 2024 : 2025, day === 31 ? 11 : 0, day, 12) / 1_000;
    github.repository.addIssue({ title: `Of the ${day}`, body: "", labels: [], user: { login: "ines", type: "User" } }, at);
  }
  const workspace = makeWorkspace(test);
  await workspace.write(
    configName,
    `
[statewave]
url = "${statewave.url}"

[runner.state]
kind = "file"

[[pull.github]]
name = "widgets"
schedule = "every 1h"
repo = "acme/widgets"
token = "${github.token}"
base_url = "${github.url}"
`,
  );
  const commands = Array.from(guide.matchAll(/^```sh\nstatewave-connectors (.+)\n```$/gm), ([, command]) => command!.split(" "));
  expect(commands.length).toBeGreaterThanOrEqual(3);
  const answers: string[] = [];
  for (const command of commands) {
    const { code, stdout, stderr } = await workspace.command(...command);
    expect({ command, code, stderr: code === 0 ? "" : stderr }).toEqual({ command, code: 0, stderr: "" });
    answers.push(stdout);
  }
  expect(answers[0]).toContain("github/widgets: 1 episode would be delivered");
  expect(answers[1]).toMatch(/^github\/widgets: backfill [0-9a-f]{10} done: 1 episode read, 1 delivered/);
  expect(statewave.episodes.map(({ payload }) => String(Reflect.get(payload, "text")))).toEqual([
    expect.stringContaining("Of the 1"),
  ]);
  expect(answers[2]).toMatch(/^ID [^\n]+\n[0-9a-f]{10} +github\/widgets +2025-01-01T00:00:00.000Z [^\n]*done/);
});

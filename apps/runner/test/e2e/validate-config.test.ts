import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { configName, configText, makeWorkspace, type Workspace } from "./workspace.ts";

const valid = configText({ statewaveUrl: "stdout:" });
const noEntries = '[statewave]\nurl = "stdout:"\n';

async function validate(workspace: Workspace, text: string) {
  await workspace.write(configName, text);
  return workspace.command("validate-config");
}

describe.concurrent("validate-config refuses, with the place and the fix", () => {
  it.for<[string, string, RegExp]>([
    ["a misspelt connector", `${valid}\n[[pull.gihub]]\nname = "a"\n`, /line \d+: pull\.gihub: .*\(did you mean github\?\)/],
    ["a misspelt receiver", `${valid}\n[[push.slakc]]\nname = "a"\n`, /line \d+: push\.slakc: .*\(did you mean slack\?\)/],
    ["a misspelt store", valid.replace('"file"', '"fiel"'), /line \d+: runner\.state\.kind: .*\(did you mean file\?\)/],
    ["a misspelt inbox", `${valid}\n[runner.inbox]\nkind = "postgers"\n`, /runner\.inbox\.kind: .*\(did you mean postgres\?\)/],
    [
      "a source without its direction",
      `${valid}\n[[github]]\nname = "a"\n`,
      /write \[\[pull\.github\]\] or \[\[push\.github\]\]/,
    ],
    ["no source at all", noEntries, /no source: .*\(add one;/],
    ["an empty file", "", /statewave\.url: is required\n.*no source/s],
    [
      "a string that is not closed",
      valid.replace('"./docs"', '"./docs'),
      /line \d+: not valid TOML: a string is not closed \(column \d+\)/,
    ],
    [
      "a header that is not closed",
      valid.replace("[statewave]", "[statewave"),
      /line \d+: .*a header \[ is not closed .*\(close it with \]\)/,
    ],
    [
      "a space in a kind",
      valid.replace("[[push.slack]]", "[[push.sl ack]]"),
      /line \d+: .*a name in a header \[\[…\]\] has a space/,
    ],
    [
      "a kind in capitals",
      valid.replace("[[push.slack]]", "[[push.Slack]]"),
      /line \d+: push\.Slack: .*\(did you mean slack\?\)/,
    ],
    ["brackets without end", `${valid}x = ${"[".repeat(5_000)}`, /line \d+: .*nested deeper than 32 levels/],
    ["a query in the url", valid.replace("stdout:", "http://sw?a=b"), /line \d+: statewave\.url: must not hold "\?"/],
    [
      "a variable that is no number",
      valid.replace("port = 0", 'port = "${HOME}"'),
      /line \d+: runner\.port: .*\(check the environment variable HOME\)/,
    ],
    ["a key that is set twice", `${valid}path = "x"\n`, /the key pull\.markdown\[0\]\.path is already set on line \d+/],
    ["one bracket", valid.replace("[[pull.markdown]]", "[pull.markdown]"), /write \[\[pull\.markdown\]\] with two brackets/],
    ["a number for a table", `pull = 3\n${noEntries}`, /line 1: pull: .*\(write \[\[pull\.<kind>\]\]/],
    [
      "an integer beyond 2^53",
      valid.replace("port = 0", "port = 9007199254740993"),
      /line \d+: runner\.port: .*beyond 9007199254740991/,
    ],
    [
      "metrics at a receiver's path",
      `${valid}\n[runner.metrics]\npath = "/slack/team/events"\n`,
      /is the path of the receiver push\.slack\[0\]/,
    ],
    [
      "a control character in a key",
      `${valid}"x\\u0007" = 1\n`,
      /pull\.markdown\[0\]\."x\\u0007": the key holds the control character U\+0007/,
    ],
    ["a day that does not exist", `${valid}subject = 2025-02-30\n`, /2025-02-30 is not a day of the calendar/],
    ["an interval in capitals", valid.replace("every 1s", "Every 1s"), /line \d+: .*\(write "every 1s"\)/],
  ])("%s", async ([, text, words], test) => {
    const { code, stdout, stderr } = await validate(makeWorkspace(test), text);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it.for(["a folder", "a pipe"])("%s in place of a file, without waiting for it", async (what, test) => {
    const workspace = makeWorkspace(test);
    spawnSync(what === "a folder" ? "mkdir" : "mkfifo", [workspace.path(configName)]);
    const { code, stderr } = await workspace.command("validate-config");
    expect(code).toBe(3);
    expect(stderr).toMatch(new RegExp(`is ${what}, not a configuration file \\[CONFIG_NOT_FOUND\\]\\nhint: `));
  });
});

it("run refuses a file without a source, too", async (test) => {
  const workspace = makeWorkspace(test);
  await workspace.write(configName, noEntries);
  expect(await workspace.command("run")).toMatchObject({ code: 3, stderr: expect.stringContaining("no source") });
});

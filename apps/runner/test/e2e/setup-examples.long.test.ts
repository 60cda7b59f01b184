import { readFileSync } from "node:fs";
import { freePort } from "@statewave-connectors/testing/servers";
import { describe, expect, it } from "vitest";
import { configName, makeWorkspace, type Workspace } from "./workspace.ts";

/** The commands of a page's shell blocks that begin so, as their words. */
function examplesOf(page: string, beginning: RegExp): readonly (readonly string[])[] {
  const text = readFileSync(new URL(`../../../../docs/${page}`, import.meta.url), "utf8");
  const blocks = Array.from(text.matchAll(/^```sh\n([^]*?)^```/gm), ([, block = ""]) => block);
  const lines = blocks.flatMap((block) => block.split("\n")).map((line) => line.replace(/ +#.*$/, "").trim());
  const commands = lines.filter((line) => line.startsWith("statewave-connectors ")).map((line) => line.split(" ").slice(1));
  return commands.filter((words) => beginning.test(words.join(" ")));
}

function only(page: string, beginning: RegExp): readonly string[] {
  const [found, ...others] = examplesOf(page, beginning);
  if (found === undefined || others.length > 0)
    throw new Error(`${page} has not exactly one command that begins so: ${beginning}`);
  return found;
}

async function ended(workspace: Workspace, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const command = workspace.start({ args, env });
  const { code } = await command.exited;
  return { code, stdout: command.stdout, stderr: command.stderr };
}

const setup = "reference/setup-commands.md";
const toml = `
[runner]
host = "127.0.0.1"
port = 0
[runner.state]
kind = "file"
[statewave]
url = "file:./episodes.jsonl"
[[pull.markdown]]
name = "docs"
schedule = "every 1h"
path = "./docs"
[[push.github]]
name = "widgets"
secret = "\${WEBHOOK_SECRET}"
`;
const env = { WEBHOOK_SECRET: "of-the-examples" };

describe.concurrent("the examples of the commands of a first evening run as they are written:", () => {
  it("one run of everything", async (test) => {
    const workspace = makeWorkspace(test);
    await workspace.write(configName, toml);
    await workspace.write("docs/note.md", "# Note\n\nAs agreed.\n");
    expect(await ended(workspace, only(setup, /^run --once/), env)).toMatchObject({ code: 0 });
    expect(readFileSync(workspace.path("episodes.jsonl"), "utf8")).toContain("As agreed.");
  });

  it("a run with a file of variables, samples for it, and a reload by command and by signal", async (test) => {
    const workspace = makeWorkspace(test);
    await workspace.write(configName, toml);
    await workspace.write(".env", `WEBHOOK_SECRET=${env.WEBHOOK_SECRET}\n`);
    const runner = workspace.start({ args: only(setup, /^run --dotenv/) });
    const url = await runner.listening();
    const samples = examplesOf(setup, /^simulate/);
    expect(samples).toHaveLength(2);
    for (const words of samples) {
      const args = words.map((word) => word.replace("https://connectors.example.com", url));
      expect({ args, ...(await ended(workspace, args, env)) }).toMatchObject({ args, code: 0 });
    }
    expect(await ended(workspace, only("guides/reload.md", /^reload$/), env)).toMatchObject({ code: 0 });
    runner.signal("SIGHUP");
    await runner.logged("configuration reloaded");
    expect(await runner.terminate()).toMatchObject({ code: 0 });
  });

  it("one receiver without a file, and its health check", async (test) => {
    const workspace = makeWorkspace(test);
    const port = String(await freePort());
    const at = (words: readonly string[]) => words.map((word) => word.replace("3000", port));
    const variables = { SLACK_SIGNING_SECRET: "s", STATEWAVE_URL: "file:./episodes.jsonl", STATEWAVE_API_KEY: "" };
    const runner = workspace.start({ args: at(only(setup, /^listen/)), env: variables });
    await runner.listening();
    expect(await ended(workspace, at(only(setup, /^healthcheck/)))).toMatchObject({ code: 0 });
    expect(await runner.terminate()).toMatchObject({ code: 0 });
    expect(await ended(workspace, at(only(setup, /^healthcheck/)))).toMatchObject({ code: 1 });
  });
});

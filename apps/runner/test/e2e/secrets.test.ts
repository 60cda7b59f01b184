import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { RunnerProcess } from "./runner-process.ts";
import { configName, configText, type Ending, makeWorkspace } from "./workspace.ts";

const rare = 'schedule = "0 0 1 1 *"';
const github = (keys: string) => `[[pull.github]]\nname = "main"\n${rare}\nrepo = "acme/widgets"\n${keys}\n`;

async function makeFolder(test: Ending, options: { statewave?: string; runner?: string; entries?: string }) {
  const workspace = makeWorkspace(test);
  const text = configText({ statewaveUrl: "http://127.0.0.1:1", ...options });
  await workspace.write(configName, text.replace('schedule = "every 1s"', rare));
  await workspace.write("docs/a.md", "# A\n");
  return workspace;
}

/** A provider that refuses, and quotes the credentials it was sent amid escape sequences. */
async function startQuoting({ onTestFinished }: Ending): Promise<string> {
  const server = createServer(({ headers }, response) => {
    const message = `\u001b[2Jno \u009b31m${headers.authorization}\u202e\nok   pull github/main: fine`;
    response.writeHead(401, { "content-type": "application/json" }).end(JSON.stringify({ message, ok: false, error: message }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe.concurrent("a value that no header can carry is refused before it is used, and is never shown", () => {
  it.for<[string, string, { statewave?: string; runner?: string; entries?: string }]>([
    ["a GitHub token with a line break", "pull.github[0].token", { entries: github('token = "ghp_first\\nsecond"') }],
    ["a GitHub token with a letter beyond Latin-1", "pull.github[0].token", { entries: github('token = "ghp_first✓second"') }],
    [
      "a Slack token with a line break",
      "pull.slack[0].bot_token",
      { entries: `[[pull.slack]]\nname = "team"\n${rare}\nbot_token = "xoxb-first\\nsecond"` },
    ],
    ["a Statewave key with a control character", "statewave.api_key", { statewave: 'api_key = "first\\u0007second"' }],
    ["a tenant beyond Latin-1", "statewave.tenant_id", { statewave: 'tenant_id = "first✓second"' }],
    [
      "a metrics token with a line break",
      "runner.metrics.auth.token",
      { runner: 'metrics = { auth = { kind = "bearer", token = "first\\nsecond" } }' },
    ],
  ])("%s", async ([, path, options], test) => {
    const workspace = await makeFolder(test, options);
    for (const args of [["validate-config"], ["doctor"], ["sync", "markdown/docs"]]) {
      const { code, stdout, stderr } = await workspace.command(...args);
      // For doctor the problems of the file are findings like others.
      const text = stdout + stderr;
      expect({ args, code, text }).toEqual({ args, code: 3, text: expect.stringContaining(`${path}: `) });
      expect(text).not.toMatch(/first|second/);
    }
  });
});

describe.concurrent.each(["through the running process", "without one"])("what a provider says, %s", (how) => {
  it("is printed without the token that it quotes, and cannot steer the terminal or pass for a line of ours", async (test) => {
    const url = await startQuoting(test);
    const keys = `token = "ghp_quoted-by-provider"\nbase_url = "${url}"`;
    const workspace = await makeFolder(test, { entries: github(keys) });
    const runner = how === "without one" ? undefined : await workspace.run();
    for (const args of [["sync", "github/main"], ["sync", "github/main", "--dry-run"], ["doctor"], ["doctor", "--json"]]) {
      const { code, stdout, stderr } = await workspace.command(...args);
      expect(code).toBe(1);
      const text = stdout + stderr;
      expect(text).toContain("***");
      expect(text).not.toMatch(/quoted-by-provider|^ok {3}pull github/m);
      // eslint-disable-next-line no-control-regex -- these are what must not be there
      expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    }
    expect(runner?.stderr ?? "").not.toContain("quoted-by-provider");
  });
});

describe.concurrent("an empty variable", () => {
  const check = async (test: Ending, config: string, env: Readonly<Record<string, string>>) => {
    const runner = new RunnerProcess({ args: ["validate-config", "--config", config], cwd: "/", env });
    test.onTestFinished(async () => void (await runner.kill()));
    return { ...(await runner.exited), text: runner.stdout + runner.stderr };
  };

  it("means no token: the quickstart with a repository needs none", async (test) => {
    const example = fileURLToPath(new URL("../../../../examples/quickstart-with-github.toml", import.meta.url));
    const { code, text } = await check(test, example, { GITHUB_REPO: "acme/widgets", GITHUB_TOKEN: "" });
    expect({ code, text }).toEqual({ code: 0, text: expect.stringContaining("pull github/repository") });
  });

  it("is named where the option is required", async (test) => {
    const workspace = await makeFolder(test, {
      entries: `[[pull.slack]]\nname = "team"\n${rare}\nbot_token = "\${SLACK_BOT_TOKEN:-}"\n`,
    });
    const { code, text } = await check(test, workspace.path(configName), { SLACK_BOT_TOKEN: "" });
    expect(code).toBe(3);
    expect(text).toContain("bot_token: is required, but the environment variable SLACK_BOT_TOKEN is empty");
  });
});

it("a % that escapes nothing in a url is found at validation, with the way to write it, and without the password", async (test) => {
  for (const [statewaveUrl, state] of [
    ["https://user:100%25ok@127.0.0.1:1", 'kind = "redis"\nurl = "redis://:100%sure@127.0.0.1:1"'],
    ["https://user:100%sure@127.0.0.1:1", 'kind = "file"'],
    ["https://user:100sure/x@127.0.0.1:1", 'kind = "file"'],
  ]) {
    const workspace = makeWorkspace(test);
    await workspace.write(configName, configText({ statewaveUrl: statewaveUrl! }).replace('kind = "file"', state!));
    const { code, stderr } = await workspace.command("validate-config");
    expect(code).toBe(3);
    expect(stderr).toMatch(/%25|http\(s\):\/\/host/);
    expect(stderr).not.toContain("sure");
  }
});

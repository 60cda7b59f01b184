import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { chmodSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { findLeaks } from "../secrets/find-leaks.ts";
import { startFakeGithub } from "./fake-github-process.ts";
import { startFakeSlack } from "./fake-slack-process.ts";
import type { RunnerProcess } from "./runner-process.ts";
import { configName, type Ending, makeWorkspace, type Workspace } from "./workspace.ts";

interface Tried {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function launch(workspace: Workspace, args: readonly string[], env: Readonly<Record<string, string>> = {}): RunnerProcess {
  return workspace.start({ args: ["try", ...args], env });
}

async function tried(workspace: Workspace, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Tried> {
  const runner = launch(workspace, args, env);
  const { code } = await runner.exited;
  return { code, stdout: runner.stdout, stderr: runner.stderr };
}

/** `--option` before each. */
const flags = (...options: readonly string[]) => options.flatMap((option) => ["--option", option]);

/** The lines of `--json`. */
function jsonLines(stdout: string): readonly Record<string, unknown>[] {
  return stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Record<string, unknown>]));
}

describe.concurrent("try github", () => {
  async function prepared(test: Ending) {
    const github = await startFakeGithub(test, "--issues", "12", "--comments", "6", "--review-comments", "2", "--releases", "1");
    const workspace = makeWorkspace(test);
    const known = flags("repo=acme/widgets", `base_url=${github.url}`, "token=${THE_TOKEN}", "include_bots=true");
    return { github, workspace, known };
  }

  it("reports rights one by one, names the streams, shows the first episodes and counts all, and leaves nothing behind", async (test) => {
    const { github, workspace, known } = await prepared(test);
    const { code, stdout, stderr } = await tried(workspace, ["github", ...known, "--episodes", "2"], { THE_TOKEN: github.token });
    expect([code, stderr]).toEqual([0, ""]);
    for (const stream of ["issues", "pull_requests", "comments", "review_comments", "releases"])
      expect(stdout).toContain(`ok   pull github/main: ${stream} of acme/widgets can be read\n`);
    expect(stdout).toMatch(/^ {5}needs: Metadata \(finding the repository\), Issues /m);
    expect(stdout).toContain("     streams: issues, pull_requests, comments, review_comments, reviews, releases\n");
    expect(stdout.match(/^\d{4}-\S+ {2}github\.\S+ {2}\S.*\n {5}subject repo:acme\/widgets {2}key \S+$/gm)).toHaveLength(2);
    const expected = Object.values(await github.expected()).reduce((sum, count) => sum + count, 0);
    expect(stdout).toMatch(
      new RegExp(
        String.raw`^github/main: ${expected} episodes read with \d+ requests: .*\d+ github\.issue\.opened.*; nothing was delivered or stored$`,
        "m",
      ),
    );
    expect(readdirSync(workspace.folder)).toEqual([]);
  });

  it("prints a table that a file can hold: the reference, never the token", async (test) => {
    const { github, workspace, known } = await prepared(test);
    const { stdout } = await tried(workspace, ["github", ...known, "--json", "--episodes", "0"], { THE_TOKEN: github.token });
    const [check, report] = jsonLines(stdout);
    expect(check).toMatchObject({
      entry: "pull github/main",
      results: expect.arrayContaining([expect.objectContaining({ ok: true })]),
    });
    expect(report).toMatchObject({ source: "github/main", dry_run: true, read: true, failed: 0, refused: 0, complete: true });
    expect(report?.["by_kind"]).toEqual(await github.expected());
    expect(report?.["toml"]).toContain('token = "${THE_TOKEN}"');
    await workspace.write(configName, `[statewave]\nurl = "stdout:"\n${String(report?.["toml"])}`);
    const validated = workspace.launch(["validate-config"], { THE_TOKEN: github.token });
    expect(await validated.exited).toMatchObject({ code: 0 });
  });

  it("reads from a time on with --since", async (test) => {
    const { github, workspace, known } = await prepared(test);
    const { stdout } = await tried(workspace, ["github", ...known, "--since", "2100-01-01", "--json"], {
      THE_TOKEN: github.token,
    });
    expect(jsonLines(stdout).at(-1)).toMatchObject({ episodes: 0, by_kind: {}, complete: true });
  });

  it("ends with 1 for a token that GitHub does not take, reads nothing, and shows the token nowhere", async (test) => {
    const { workspace, known } = await prepared(test);
    const { code, stdout, stderr } = await tried(workspace, ["github", ...known], { THE_TOKEN: "wrong-token-4711" });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^FAIL pull github\/main: .* \[GITHUB_UNAUTHORIZED\]\n {5}hint: replace `token`/m);
    expect(stdout).toContain("github/main: not read, because nothing that was checked works");
    expect(findLeaks(stdout + stderr, "wrong-token-4711")).toEqual([]);
  });

  it("ends with 2 for an option that there is not and a variable that is not set, and says both with what was meant", async (test) => {
    const { workspace } = await prepared(test);
    const { code, stdout, stderr } = await tried(workspace, ["github", ...flags("repoo=acme/widgets", "token=${NOWHERE}")]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^error: try github has [23] problems\n/);
    expect(stderr).toContain("  --option repoo: unknown key (did you mean repo?)\n");
    expect(stderr).toMatch(/ {2}--option token: the environment variable NOWHERE is not set \(set it or NOWHERE_FILE, /);
  });

  it("ends with 1 for a host that does not answer, with code and hint", async (test) => {
    const { workspace } = await prepared(test);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const options = flags("repo=acme/widgets", `base_url=http://127.0.0.1:${port}`);
    const { code, stdout } = await tried(workspace, ["github", ...options]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^FAIL pull github\/main: .*ECONNREFUSED.* \[GITHUB_UNAVAILABLE\]\n {5}hint: ./m);
  });

  it("ends on Ctrl-C while a server keeps it waiting", async (test) => {
    const { workspace } = await prepared(test);
    const requested = Promise.withResolvers<void>();
    const server = createServer(() => requested.resolve());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    test.onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const runner = launch(workspace, ["github", ...flags("repo=acme/widgets", `base_url=http://127.0.0.1:${port}`)]);
    await requested.promise;
    runner.signal("SIGINT");
    expect(await runner.exited).toMatchObject({ code: 1, signal: null });
    expect(runner.stderr).toMatch(/^error: stopped by SIGINT \[RUNNER_STOPPING\]$/m);
    expect(readdirSync(workspace.folder)).toEqual([]);
  });

  it("shows the episodes that a sample of its receiver becomes, and ends with 2 for a file that is not there", async (test) => {
    const workspace = makeWorkspace(test);
    const account = { login: "octocat", type: "User" };
    const repository = { id: 1, full_name: "acme/widgets", html_url: "https://github.com/acme/widgets" };
    const times = { created_at: "2026-01-01T00:00:00Z", updated_at: "2026-01-01T00:00:00Z", closed_at: null };
    const issue = { id: 7, number: 7, title: "It rattles", body: "often", user: account, state: "open", labels: [], ...times };
    await workspace.write("opened.json", JSON.stringify({ action: "opened", issue, repository, sender: account }));
    const sampled = (file: string) =>
      tried(workspace, [
        "github",
        ...flags("secret=plain-secret-4711"),
        "--sample",
        file,
        "--sample-header",
        "x-github-event=issues",
      ]);
    const { code, stdout } = await sampled("opened.json");
    expect(code).toBe(0);
    expect(stdout).toContain("ok   push github/main: a delivery with the signature of this secret would be stored\n");
    expect(stdout).toMatch(/^2026-01-01T00:00:00Z {2}github\.issue\.opened {2}.*It rattles/m);
    expect(stdout).toContain("sample: 1 episode; nothing was delivered or stored\n");
    const missing = await sampled("nowhere.json");
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining("[CONFIG_SAMPLE_UNREADABLE]") as string]);
  });

  it("says of its receiver where it is mounted, that it takes nothing unsigned, and how to see a signed delivery", async (test) => {
    const workspace = makeWorkspace(test);
    const { code, stdout } = await tried(workspace, ["github", "--push", ...flags("secret=plain-secret-4711")]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^ok {3}push github\/main: a webhook without a signature is answered 401 \(signature_missing\) and not stored$/m,
    );
    expect(stdout).toMatch(
      /^ok {3}push github\/main: a delivery with the signature of this secret is answered \d+ .*and not stored$/m,
    );
    expect(stdout).toContain("receiver: /github/main/events\n");
    expect(stdout).toContain("https://<your host>/github/main/events");
    expect(stdout).toContain('[[push.github]]\nname = "main"\nsecret = "${GITHUB_SECRET}"');
    expect(stdout).toContain("Set in the runner's environment, for what was passed as text: GITHUB_SECRET\n");
    expect(findLeaks(stdout, "plain-secret-4711")).toEqual([]);
  });
});

describe.concurrent("try slack", () => {
  it("reads what was said with the bot's token", async (test) => {
    const slack = await startFakeSlack(test, "--messages", "3", "--thread-every", "100");
    const workspace = makeWorkspace(test);
    const options = flags("bot_token=${BOT}", `base_url=${slack.url}`);
    const { code, stdout, stderr } = await tried(workspace, ["slack", ...options], { BOT: slack.token });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.match(/ {2}slack\.message\.posted {2}.* in #channel-1.*\n/g)).toHaveLength(3);
    expect(stdout).toMatch(/^slack\/main: \d episodes read with \d+ requests: 3 slack\.message\.posted/m);
  });

  it("ends with 1 for a token that Slack does not take", async (test) => {
    const slack = await startFakeSlack(test);
    const options = flags("bot_token=xoxb-wrong-4711", `base_url=${slack.url}`);
    const { code, stdout, stderr } = await tried(makeWorkspace(test), ["slack", ...options]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^FAIL pull slack\/main: .*SLACK_/m);
    expect(findLeaks(stdout + stderr, "xoxb-wrong-4711")).toEqual([]);
  });
});

/** A connector from outside: of four items one cannot be mapped, one would be refused by Statewave, one is left out. */
const outside = `
const episode = (id, more) => ({ subject: "desk:all", kind: "desk.ticket", text: "ticket " + id, occurred_at: "2026-01-01T00:00:00Z",
  source: { type: "desk", id }, idempotency_key: "key-" + id, ...more });
export const connector = { kind: "desk", version: "1.0.0", pull: {
  config: { entries: {}, "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } },
  open: () => ({ async *pages() {
    yield { episodes: [episode("1"), episode("2", { text: " " })], skipped: { bot: 1 },
      failures: [{ id: "t-3", error: new TypeError("its title is missing"), raw: {} }], cursor: "1" };
  } }),
} };
`;

describe.concurrent("try with a connector from outside", () => {
  it("takes it by its path, and ends with 1 for what cannot be mapped or would be refused", async (test) => {
    const workspace = makeWorkspace(test);
    await workspace.write("desk.mjs", outside);
    const { code, stdout } = await tried(workspace, ["./desk.mjs"]);
    expect(code).toBe(1);
    expect(stdout).toContain("-    pull desk/main: nothing to check\n");
    expect(stdout).toContain("2026-01-01T00:00:00Z  desk.ticket  ticket 1\n     subject desk:all  key key-1\n");
    expect(stdout).toContain("     FAIL Statewave would refuse it: text is empty\n");
    expect(stdout).toContain("FAIL the item t-3 cannot be mapped: TypeError: its title is missing\n");
    expect(stdout).toContain(
      "desk/main: 2 episodes read with 0 requests: 2 desk.ticket; 1 skipped (1 bot); 1 failed; Statewave would refuse 1; nothing",
    );
    expect(stdout).toContain('[connectors]\ndesk = "./desk.mjs"\n\n[[pull.desk]]\nname = "main"\n');
    expect(readdirSync(workspace.folder)).toEqual(["desk.mjs"]);
  });

  it("does not run a package of a folder to which everyone may write", async (test) => {
    const workspace = makeWorkspace(test);
    const folder = "node_modules/statewave-connector-desk";
    await workspace.write(
      `${folder}/package.json`,
      '{ "name": "statewave-connector-desk", "type": "module", "exports": "./index.js" }',
    );
    await workspace.write(`${folder}/index.js`, outside);
    expect((await tried(workspace, ["desk"])).stdout).toContain("2 episodes read");
    chmodSync(workspace.folder, 0o777);
    const { code, stdout, stderr } = await tried(workspace, ["desk"]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("folders that other users own or may write to are left out [CONFIG_PACKAGE_NOT_FOUND]");
  });

  it("shows no secret that a connector leaks, whether it was passed as text or by reference", async (test) => {
    const workspace = makeWorkspace(test);
    const sentinel = fileURLToPath(new URL("../secrets/sentinel-connector.mjs", import.meta.url));
    const mark = "SENTINEL-7f3a9c-try";
    const wouldStore = /^FAIL push sentinel\/main: a webhook without a signature would be stored$/m;
    for (const [option, env] of [
      [`token=${mark}`, {}],
      ["token=${LEAKED}", { LEAKED: mark }],
    ] as const) {
      for (const more of [[], ["--json"], ["--push"]]) {
        const runner = launch(workspace, [sentinel, ...flags(option), ...more], env);
        await runner.exited;
        expect(runner.stdout).toMatch(more[0] === "--push" ? wouldStore : /the provider does not take \*\*\*/);
        expect(findLeaks(runner.stdout + runner.stderr, mark)).toEqual([]);
      }
    }
  });
});

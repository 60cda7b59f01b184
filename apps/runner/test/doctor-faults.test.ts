import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCli } from "@statewave-connectors/cli";
import { startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { describe, expect, onTestFinished, test } from "vitest";
import { docs, type Fault, head, type Scene } from "./doctor-scene.ts";
import { sinkFileFaults } from "./doctor-sink-file-faults.ts";
import { stateFaults } from "./doctor-state-faults.ts";

const resolveFrom = [new URL("../src/main.ts", import.meta.url).href];

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function closedUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

const answering = (status: number, body: string, headers: Readonly<Record<string, string>> = {}) =>
  serve((_, response) => response.writeHead(status, { "content-type": "application/json", ...headers }).end(body));

async function statewave(options: Parameters<typeof startFakeStatewave>[0] = {}): Promise<string> {
  const fake = await startFakeStatewave(options);
  onTestFinished(() => fake.close());
  return fake.url;
}

const sound = head + docs;
const slack = '[[push.slack]]\nname = "team"\nsigning_secret = "s3cr3t-of-the-app"\n';
const github = (more: string) =>
  `${head}[[pull.github]]\nname = "widgets"\nschedule = "every 1h"\nrepo = "acme/widgets"\n${more}`;
const at = (toml: string) => () => ({ toml });

/** The file is not valid. */
const configurationFaults: readonly Fault[] = [
  ["a file that is no TOML", `${sound}x = [\n`, /line \d+/],
  ["a key that there is not", `${head}[runner]\nprot = 1\n${docs}`, /line 4: runner\.prot: unknown key/],
  ["a table that there is not", `${head}[runer]\nport = 1\n${docs}`, /runer: unknown table/],
  ["a value of another type", `${head}[runner]\nport = "many"\n${docs}`, /runner\.port: expected a number/],
  ["a port that there is not", `${head}[runner]\nport = 70000\n${docs}`, /runner\.port: expected a whole number from 0 to 65535/],
  ["a secret that is missing", `${head}[[push.slack]]\nname = "team"\n`, /push\.slack\[0\]\.signing_secret: is required/],
  ["a variable that is not set", slackOf("${NOWHERE_AT_ALL}"), /the environment variable NOWHERE_AT_ALL is not set/],
  ["a secret file that is missing", slackOf("${file:./none}"), /signing_secret: .*none/],
  ["a schedule that is none", sound.replace("every 1h", "hourly"), /pull\.markdown\[0\]\.schedule: /],
  ["two entries of one name", sound + docs, /pull\.markdown\[1\]\.name: the name is taken by pull\.markdown\[0\]/],
  [
    "a twin that there is not",
    `${head}${slack}pull = "history"\n`,
    /push\.slack\[0\]\.pull: there is no \[\[pull\.slack\]\] entry of this name/,
  ],
  [
    "a connector that is not installed",
    `${head}[[pull.githbu]]\nname = "a"\nschedule = "every 1h"\n`,
    /pull\.githbu: there is no package/,
  ],
  [
    "a connector whose path leads nowhere",
    `${head}[connectors]\nown = "./own.mjs"\n[[pull.own]]\nname = "a"\nschedule = "every 1h"\n`,
    /own\.mjs/,
  ],
  ["a store that is misspelt", `${head}[runner.state]\nkind = "fil"\n${docs}`, /runner\.state\.kind: there is no package/],
  [
    "an option of another store",
    `${head}[runner.state]\nkind = "file"\nurl = "redis://host"\n${docs}`,
    /runner\.state\.url: unknown key/,
  ],
  [
    "a source that names no repository",
    github("").replace('repo = "acme/widgets"\n', ""),
    /pull\.github\[0\]: needs exactly one of repo/,
  ],
  [
    "a direction that a connector lacks",
    `${head}[[push.markdown]]\nname = "docs"\n`,
    /push\.markdown: the connector has no push/,
  ],
  [
    "a rule whose pattern is broken",
    `${head}[[privacy.rule]]\nname = "badge"\npattern = "("\n${docs}`,
    /privacy\.rule\[0\]\.pattern: /,
  ],
  ["a server address that is none", docs + '[statewave]\nurl = "localhost:8100"\n', /statewave\.url: expected http\(s\)/],
].map(([fault, toml, line]) => ({
  fault: String(fault),
  line: new RegExp(`^FAIL configuration: .*${(line as RegExp).source}`),
  code: 3 as const,
  scene: at(String(toml)),
}));

function slackOf(secret: string): string {
  return `${head}[[push.slack]]\nname = "team"\nsigning_secret = "${secret}"\n`;
}

/** Nothing of it can be opened. */
function brokenConnector(direction: "pull" | "push"): string {
  const config = '{ "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } }';
  const open = 'open() { throw new Error("it is broken"); }';
  return `export const connector = { kind: "own", version: "1.0.0", ${direction}: { config: ${config}, ${open}, maxBodyBytes: 1000 } };\n`;
}

const at60 = new Date(Date.now() + 3_600_000).toUTCString();

const otherFaults: readonly Fault[] = [
  {
    fault: "a Statewave that cannot be reached",
    line: /^FAIL statewave: .*ECONNREFUSED/,
    hint: /nothing listens there/,
    code: 1,
    scene: async () => ({ toml: `[statewave]\nurl = "${await closedUrl()}"\n${docs}` }),
  },
  {
    fault: "a key that is missing",
    line: /^FAIL statewave: .*401 missing_api_key/,
    hint: /set \[statewave\] api_key/,
    code: 1,
    scene: async () => ({ toml: `[statewave]\nurl = "${await statewave({ apiKey: "right" })}"\n${docs}` }),
  },
  {
    fault: "a wrong key",
    line: /^FAIL statewave: .*403 invalid_api_key/,
    code: 1,
    scene: async () => ({ toml: `[statewave]\nurl = "${await statewave({ apiKey: "right" })}"\napi_key = "wrong"\n${docs}` }),
  },
  {
    fault: "a tenant that is missing",
    line: /^FAIL statewave: .*400 missing_tenant/,
    code: 1,
    scene: async () => ({ toml: `[statewave]\nurl = "${await statewave({ requireTenant: true })}"\n${docs}` }),
  },
  {
    fault: "a login page in front of Statewave",
    line: /^FAIL statewave: .*web page/,
    code: 1,
    scene: async () => ({
      toml: `[statewave]\nurl = "${await answering(200, "<p>", { "content-type": "text/html" })}"\n${docs}`,
    }),
  },
  {
    fault: "a server that is no Statewave",
    line: /^FAIL statewave: .*404/,
    code: 1,
    scene: async () => ({ toml: `[statewave]\nurl = "${await answering(404, "{}")}"\n${docs}` }),
  },
  {
    fault: "a Statewave that fails",
    line: /^FAIL statewave: .*503/,
    hint: /log of Statewave/,
    code: 1,
    scene: async () => ({ toml: `[statewave]\nurl = "${await answering(503, "{}")}"\n${docs}` }),
  },
  {
    fault: "a Statewave that redirects",
    line: /^FAIL statewave: .*301/,
    code: 1,
    scene: async () => ({ toml: `[statewave]\nurl = "${await answering(301, "", { location: "/x" })}"\n${docs}` }),
  },
  {
    fault: "a Statewave that ignores keys",
    line: /^warn statewave: the server ignores idempotency keys/,
    code: 0,
    scene: async () => ({ toml: `[statewave]\nurl = "${await statewave({ release: "1.0.0" })}"\n${docs}` }),
  },
  {
    fault: "a file in the way of the state's folder",
    line: /^FAIL state: .*state cannot be written: ENOTDIR/,
    hint: /a file is in the way/,
    code: 1,
    scene(folder) {
      writeFileSync(join(folder, "state"), "");
      return { toml: `${head}[runner]\nstate_dir = "./state"\n[runner.state]\nkind = "file"\n${docs}` };
    },
  },
  ...(["postgres", "redis"] as const).map((kind): Fault => ({
    fault: `a ${kind} that cannot be reached`,
    line: /^FAIL state: .*(ECONNREFUSED|cannot be reached)/,
    code: 1,
    scene: async () => ({
      toml: `${head}[runner.state]\nkind = "${kind}"\nurl = "${(await closedUrl()).replace("http", kind)}${kind === "postgres" ? "/db" : ""}"\n${docs}`,
    }),
  })),
  {
    fault: "a connector that cannot open the only entry",
    line: /^FAIL entries: the connector could not open own\/a: it is broken \[RUNNER_ENTRY_OPEN\]/,
    hint: /author of the connector/,
    code: 1,
    scene(folder) {
      writeFileSync(join(folder, "own.mjs"), brokenConnector("pull"));
      return { toml: `${head}[connectors]\nown = "./own.mjs"\n[[pull.own]]\nname = "a"\nschedule = "every 1h"\n` };
    },
  },
  {
    fault: "a connector that cannot open one of the receivers",
    line: /^FAIL push own\/a: .*the connector could not open own\/a: it is broken/,
    hint: /author of the connector/,
    code: 1,
    scene(folder) {
      writeFileSync(join(folder, "own.mjs"), brokenConnector("push"));
      return {
        toml: `${sound}[connectors]\nown = "./own.mjs"\n[[push.own]]\nname = "a"\n`,
        args: ["--url", "http://127.0.0.1:9"],
      };
    },
  },
  {
    fault: "a folder of documents that is missing",
    line: /^FAIL pull markdown\/docs: /,
    hint: /./,
    code: 1,
    scene: at(sound.replace("./docs", "./missing")),
  },
  {
    fault: "a token that the provider refuses",
    line: /^FAIL pull github\/widgets: .*\[GITHUB_UNAUTHORIZED\]/,
    code: 1,
    scene: async () => ({
      toml: github(
        `include = ["issues"]\ntoken = "wrong"\nbase_url = "${await answering(401, '{"message":"Bad credentials"}')}"\n`,
      ),
    }),
  },
  {
    fault: "a repository that is not there",
    line: /^FAIL pull github\/widgets: .*\[GITHUB_NOT_FOUND\]/,
    code: 1,
    scene: async () => ({
      toml: github(`include = ["issues"]\nbase_url = "${await answering(404, '{"message":"Not Found"}')}"\n`),
    }),
  },
  {
    fault: "a provider that cannot be reached",
    line: /^FAIL pull github\/widgets: .*\[GITHUB_UNAVAILABLE\]/,
    code: 1,
    scene: async () => ({ toml: github(`include = ["issues"]\nbase_url = "${await closedUrl()}"\n`) }),
  },
  {
    fault: "a clock that a provider does not agree with",
    line: /^warn clock: the clock of 127\.0\.0\.1:\d+ is 3\d{3} s ahead of this machine's/,
    hint: /set the clock that is wrong/,
    code: 0,
    async scene() {
      const body = {
        ok: true,
        url: "https://acme.slack.com/",
        team: "Acme",
        user: "bot",
        team_id: "T1",
        user_id: "U1",
        bot_id: "B1",
      };
      const url = await serve((_, response) =>
        response
          .writeHead(200, {
            "content-type": "application/json",
            date: at60,
            "x-oauth-scopes":
              "channels:history,channels:read,users:read,usergroups:read,groups:read,groups:history,im:read,mpim:read",
          })
          .end(JSON.stringify({ ...body, channels: [], members: [], usergroups: [] })),
      );
      return { toml: `${head}${slack}bot_token = "xoxb-1"\nbase_url = "${url}"\n` };
    },
  },
  {
    fault: "a public address that cannot be reached",
    line: /^FAIL push slack\/team: .*cannot be reached/,
    code: 1,
    scene: async () => ({ toml: head + slack, args: ["--url", await closedUrl()] }),
  },
  ...(
    [
      [401, /answers 401/, /secret/],
      [404, /answers 404/, /path/],
      [302, /answers 302/, /redirect/],
      [413, /answers 413/, /body limit/],
      [502, /answers 502/, /proxy/],
      [200, /not as a runner that knows samples/, /update the runner/],
    ] as const
  ).map(([status, line, hint]): Fault => ({
    fault: `a public address that answers ${status}`,
    line: new RegExp(`^FAIL push slack/team: .*${line.source}`),
    hint,
    code: 1,
    scene: async () => ({ toml: head + slack, args: ["--url", await answering(status, "{}")] }),
  })),
];

const faults = [...configurationFaults, ...sinkFileFaults, ...stateFaults, ...otherFaults];

const doctor = ({ toml, args = [] }: Scene, folder: string) => runCommand(folder, ["doctor", ...args], toml);

async function runCommand(folder: string, args: readonly string[], toml: string) {
  writeFileSync(join(folder, "statewave-connectors.toml"), toml);
  let stdout = "";
  const code = await runCli({
    args,
    version: "0.0.0",
    terminal: {
      stdout: { write: (text) => (stdout += text) },
      stderr: { write: () => undefined },
      env: {},
      cwd: folder,
      onSignal: () => () => undefined,
      exit: () => undefined,
    },
    resolveFrom,
  });
  return { code, stdout };
}

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "doctor-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "docs"));
  writeFileSync(join(folder, "docs", "a.md"), "# A\n");
  return folder;
}

describe("doctor names by exactly one line", () => {
  test.each(faults)("$fault", async ({ scene, line, hint = /^/, code: expected }) => {
    const folder = makeFolder();
    const { code, stdout } = await doctor(await scene(folder), folder);
    const lines = stdout.split("\n");
    const named = lines.filter((each) => /^(FAIL|warn) /.test(each) && !each.startsWith("warn machine: only"));
    expect(named).toEqual([expect.stringMatching(line)]);
    expect(lines[lines.indexOf(named[0] ?? "") + 1]).toMatch(hint);
    expect(code).toBe(expected);
  });

  test("at least thirty faults", () => {
    expect(faults.length).toBeGreaterThanOrEqual(30);
  });
});

test("doctor shows where in the file an entry stands that is not well, and closes with a count", async () => {
  const folder = makeFolder();
  const toml = sound.replace("./docs", "./missing");
  const { stdout } = await doctor({ toml }, folder);
  expect(stdout).toMatch(/^FAIL pull markdown\/docs: .*\n {5}hint: .*\n {5}at: line 3, \[\[pull\.markdown\]\]$/m);
  expect(stdout).toMatch(/\n1 failure, \d warnings?\n$/);
  const json = (await doctor({ toml, args: ["--json"] }, folder)).stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as object);
  expect(json).toContainEqual(expect.objectContaining({ entry: "pull markdown/docs", table: "[[pull.markdown]]", line: 3 }));
  expect(json.at(-1)).toMatchObject({ failures: 1 });
});

test("doctor looks at the machine and closes with a count also when no entry can be opened", async () => {
  const fault = otherFaults.find(({ fault: name }) => name === "a connector that cannot open the only entry");
  const folder = makeFolder();
  const { stdout } = await doctor((await fault?.scene(folder)) ?? { toml: "" }, folder);
  expect(stdout).toMatch(/^(ok {2}|warn) machine: /m);
  expect(stdout).toMatch(/\n1 failure, \d warnings?\n$/);
});

test("doctor finds nothing wrong with a file that is right", async () => {
  const folder = makeFolder();
  const { code, stdout } = await doctor({ toml: sound + slack }, folder);
  expect(stdout).toMatch(/^ok {3}configuration: .*statewave-connectors\.toml is valid: 1 source, 1 receiver\n/);
  expect(stdout).toMatch(/^ok {3}push slack\/team: webhooks without a signature are refused, and a sample .* is taken$/m);
  expect(stdout).not.toMatch(/^FAIL/m);
  expect(code).toBe(0);
});

test("doctor tries the files of a state that no process has open, and changes nothing in them", async () => {
  const folder = makeFolder();
  const toml = `${head}[runner]\nstate_dir = "./state"\n[runner.state]\nkind = "file"\n${docs}`;
  await runCommand(folder, ["state", "set", "markdown/docs", '{"version":1,"files":[]}', "--yes"], toml);
  const cursors = readFileSync(join(folder, "state", "cursors.json"), "utf8");
  const { stdout } = await doctor({ toml }, folder);
  expect(stdout).toMatch(/^ok {3}state: .*state takes durable writes, and its files can be used$/m);
  expect(stdout).toMatch(/^ok {3}inbox: .*state takes durable writes, and its files can be used$/m);
  expect(JSON.parse(readFileSync(join(folder, "state", "cursors.json"), "utf8"))).toEqual(JSON.parse(cursors));
});

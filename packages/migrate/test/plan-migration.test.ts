import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { knownAdapters } from "@statewave-connectors/config/adapters";
import type { Secret } from "@statewave-connectors/connector-sdk";
import { revealed } from "@statewave-connectors/connector-sdk/secrets";
import { expect, test } from "vitest";
import { type MigrationFacts, planMigration, readEarlierFile } from "../src/index.ts";

/** The deployable's folder: where the adapters are installed. */
const resolveFrom = [new URL("../../../apps/runner/src/main.ts", import.meta.url).href];
const head = '[statewave]\nurl = "https://statewave.example.com"\n';

async function plan(entries: string, facts: Partial<MigrationFacts> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "migrate-"));
  writeFileSync(join(folder, "old.toml"), entries.includes("[statewave]") ? entries : head + entries);
  const known = await knownAdapters({ resolveFrom, cwd: folder, env: {} });
  const kind = facts.state?.kind ?? "file";
  return planMigration({
    file: await readEarlierFile("old.toml", folder),
    connectors: new Map(
      known.connectors.flatMap(({ kind: name, connector }) => (connector === undefined ? [] : [[name, connector]])),
    ),
    cwd: folder,
    target: join(folder, "new.toml"),
    env: {},
    timezone: "UTC",
    resolveFrom,
    ...facts,
    state: { kind, schema: known.cursorStores.get(kind)?.config },
  });
}

const github = '[[pull.github]]\nname = "main"\nschedule = "every 1h"\nrepo = "acme/widgets"\n';

test("a secret that stood as text becomes a reference, and is nowhere in the plan", async () => {
  const { toml, variables, ...rest } = await plan(`${github}token = "ghp_in_the_file"\n`);
  expect(toml).toContain('token = "${GITHUB_MAIN_TOKEN}"');
  expect(variables).toMatchObject([{ name: "GITHUB_MAIN_TOKEN", about: expect.stringContaining("in the earlier file") }]);
  expect(JSON.stringify([toml, variables, rest.entries, rest.problems])).not.toContain("ghp_in_the_file");
});

test("each secret gets a variable of its own, and none that the earlier file uses for something else", async () => {
  const entry = (name: string, token: string) => github.replace('"main"', `"${name}"`) + `token = "${token}"\n`;
  const slack = '[[push.slack]]\nname = "team"\nsigning_secret = "${GITHUB_TEAM_TOKEN}"\n';
  const entries = [entry("team-a", "ghp_1"), entry("team_a", "ghp_2"), entry("team", "ghp_3"), slack].join("");
  const { toml, variables, parsed } = await plan(entries, { env: { GITHUB_TEAM_TOKEN: "of-slack" } });
  expect(variables.map(({ name, about, value }) => [name, /"[^"]+"/.exec(about)?.[0], value?.reveal()])).toEqual([
    ["GITHUB_TEAM_A_TOKEN", '"team-a"', "ghp_1"],
    ["GITHUB_TEAM_A_TOKEN_2", '"team_a"', "ghp_2"],
    ["GITHUB_TEAM_TOKEN_2", '"team"', "ghp_3"],
  ]);
  for (const { name } of variables) expect(toml).toContain(`token = "\${${name}}"`);
  expect(parsed?.config.pull.map(({ options }) => revealed((options as { token: string | Secret }).token))).toEqual([
    "ghp_1",
    "ghp_2",
    "ghp_3",
  ]);
});

test("references stay as they are, and the new file is checked with their values", async () => {
  const { toml, parsed, problems, unset } = await plan(`${github}token = "\${GITHUB_TOKEN}"\n`, { env: { GITHUB_TOKEN: "t" } });
  expect(toml).toContain('token = "${GITHUB_TOKEN}"');
  expect({ problems, unset }).toEqual({ problems: [], unset: [] });
  expect(parsed?.config.pull.map(({ name }) => name)).toEqual(["main"]);
});

test("names the variables that have no value where it is planned", async () => {
  const planned = await plan(`${github}token = "\${GITHUB_TOKEN}"\n`);
  expect(planned).toMatchObject({ unset: ["GITHUB_TOKEN"], problems: [] });
  expect(planned).not.toHaveProperty("parsed");
});

test("leaves out an option with a value that is not accepted here, and says why", async () => {
  const { toml, entries, parsed } = await plan(`${github}include = ["issues", "pulls"]\n`);
  expect(toml).not.toMatch(/^include/m);
  expect(entries[0]?.notes).toEqual([
    { option: "include", fate: "left out", hadEffect: false, why: expect.stringContaining('"issues"') },
  ]);
  expect(parsed).toBeDefined();
});

test("names what a person has to mend where an option is required", async () => {
  const { problems } = await plan(github.replace('"every 1h"', '"once a day"'));
  expect(problems).toMatchObject([{ path: "pull.github[0].schedule" }]);
});

test("says of each entry that cannot be moved why, and moves the others", async () => {
  const { entries, parsed } = await plan(`${github}${github}
[[pull.notion]]
name = "wiki"
schedule = "every 1h"
[[push.markdown]]
name = "docs"
[[pull.github]]
name = "No Name"
[[pull.__proto__]]
name = "x"
[pull.slack]
name = "single"
`);
  expect(entries.map(({ kind, name, impossible }) => [kind, name, impossible])).toEqual([
    ["github", "main", undefined],
    ["github", "main", "an entry before it has the same name"],
    ["github", "No Name", "it has no name of a-z, 0-9, - and _"],
    ["notion", "wiki", "there is no connector for notion"],
    ["__proto__", "x", "there is no connector for __proto__"],
    ["slack", "single", undefined],
    ["markdown", "docs", "the connector for markdown takes no webhooks"],
  ]);
  expect(parsed).toBeUndefined();
});

test("a Gmail receiver gets the pull entry that reads what its notifications report", async () => {
  const credentials = ["client_id", "client_secret", "refresh_token"]
    .map((key) => `${key} = "\${GMAIL_${key.toUpperCase()}}"\n`)
    .join("");
  const push = `[[push.gmail]]\nname = "pubsub"\npath_token = "\${GMAIL_PATH}"\n${credentials}`;
  const made = await plan(push);
  expect(made.entries.map(({ direction, name, isMade }) => [direction, name, isMade])).toEqual([
    ["pull", "pubsub", true],
    ["push", "pubsub", undefined],
  ]);
  expect(made.toml).toMatch(/\[\[push\.gmail\]\]\nname = "pubsub"\npull = "pubsub"\n/);
  const pull = (name: string, text: string) =>
    `[[pull.gmail]]\nname = "${name}"\nschedule = "every 15m"\nquery = "in:inbox"\n${text}`;
  const other = credentials.replaceAll("GMAIL_", "OTHER_");
  const found = await plan(pull("other", other) + pull("same", credentials) + push);
  expect(found.entries).toHaveLength(3);
  expect(found.toml).toContain('name = "pubsub"\npull = "same"\n');
});

test.each([
  ["file", 'kind = "file"\npath = "/data/cursors.json"', 'state_dir = "/data/statewave-connectors"', 'kind = "file"\n'],
  ["file", 'kind = "memory"', 'state_dir = "./var/connectors-state/statewave-connectors"', 'kind = "file"\n'],
  ["postgres", 'kind = "postgres"\nurl = "${DB}"', "state_dir", 'url = "${DB}"\nschema = "statewave_connectors"\n'],
  ["postgres", 'kind = "postgres"\nurl = "postgres://me:pw-in-file@db/x"', "state_dir", 'url = "${POSTGRES_URL}"\n'],
  ["redis", 'kind = "redis"\nurl = "${R}"\nkey_prefix = "{run}:"', "state_dir", 'key_prefix = "{statewave_connectors}:"\n'],
  [
    "redis",
    'kind = "redis"\nurl = "${R}"\nkey_prefix = "statewave_connectors:"',
    "state_dir",
    'key_prefix = "statewave_connectors_2:"\n',
  ],
])("the %s state is a new place beside %j", async (kind, state, inRunner, inState) => {
  const { toml } = await plan(`${head}[runner.state]\n${state}\n`, { state: { kind, schema: undefined } });
  expect(toml).toContain(inRunner);
  expect(toml.slice(toml.indexOf("[runner.state]"))).toContain(inState);
  expect(toml).not.toContain("pw-in-file");
});

test("cron schedules keep the time zone that the earlier runner read them in", async () => {
  const cron = github.replace("every 1h", "0 6 * * *");
  expect((await plan(cron, { timezone: "Europe/Berlin" })).toml).toContain('timezone = "Europe/Berlin"');
  expect((await plan(github, { timezone: "Europe/Berlin" })).toml).not.toContain("timezone");
});

test("lists what the earlier runner ignored outside entries", async () => {
  const { ignored } = await plan(
    `${head}retries = 3\n[runner]\nworkers = 4\n[runner.state]\nkind = "file"\nttl = 1\n[extra]\nx = 1\n`,
  );
  expect(ignored).toEqual(["statewave.retries", "runner.workers", "runner.state.ttl", "extra"]);
});

test("a path that was relative to the working directory leads to the same folder from the new file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "migrate-"));
  const entry = '[[pull.markdown]]\nname = "docs"\nschedule = "every 1h"\npath = "docs"\n';
  const { toml } = await plan(entry, { cwd: folder, target: join(folder, "etc", "new.toml") });
  expect(toml).toContain('path = "../docs"');
});

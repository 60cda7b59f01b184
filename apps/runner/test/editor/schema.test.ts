import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCli } from "@statewave-connectors/cli";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { lint, openInEditor } from "./taplo-editor.ts";

const folder = mkdtempSync(join(tmpdir(), "editor-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const schemaPath = join(folder, "statewave-connectors.schema.json");

async function command(...args: readonly string[]) {
  let [stdout, stderr] = ["", ""];
  const code = await runCli({
    args,
    version: "0.0.0",
    terminal: {
      stdout: { write: (text) => (stdout += text) },
      stderr: { write: (text) => (stderr += text) },
      env: {},
      cwd: folder,
      onSignal: () => () => undefined,
      exit: () => undefined,
    },
    resolveFrom: [new URL("../../src/main.ts", import.meta.url).href],
  });
  return { code, stdout, stderr };
}

beforeAll(async () => {
  const { code, stderr } = await command("schema", "--output", schemaPath);
  if (code !== 0 || stderr !== "") throw new Error(`schema ended with ${code}: ${stderr}`);
});

const head = '[statewave]\nurl = "https://statewave.example.com"\n';
const repository = '[[pull.github]]\nname = "widgets"\nschedule = "every 15m"\n';

describe("an editor finds", () => {
  test.each([
    ["a key that there is not", `${head}[runner]\nprot = 1\n`, "'prot' was unexpected"],
    ["an option that the connector does not have", `${head}${repository}repoo = "acme/widgets"\n`, "'repoo' was unexpected"],
    ["a source that is not installed", `${head}[[pull.githbu]]\nname = "a"\n`, "'githbu' was unexpected"],
    ["a table that there is not", `${head}[metrics]\n`, "'metrics' was unexpected"],
    ["a number in the place of a text", `${head}${repository}repo = 7\n`, '7 is not of type "string"'],
    ["a text in the place of a number", `${head}[runner]\nport = "many"\n`, '"many" is not valid'],
    ["a word that is none of those", `${head}[runner]\nlog_level = "loud"\n`, '"loud" is not valid'],
    ["a value of another form", `${head}${repository}repo = "widgets"\n`, '"widgets" does not match'],
    ["a stream that there is not", `${head}${repository}include = ["isues"]\n`, '"isues" is not valid'],
    ["a missing key of an entry", `${head}[[pull.github]]\nschedule = "every 15m"\n`, '"name" is a required property'],
    ["a missing secret", `${head}[[push.slack]]\nname = "team"\n`, '"signing_secret" is a required property'],
    ["a missing table", "[runner]\nport = 3000\n", '"statewave" is a required property'],
    ["a missing option of a store", `${head}[runner.state]\nkind = "postgres"\n`, '"url" is a required property'],
    [
      "an option of another kind of store",
      `${head}[runner.state]\nkind = "file"\nurl = "redis://host"\n`,
      "False schema does not allow",
    ],
    ["one bracket in the place of two", `${head}[pull.github]\nname = "a"\nschedule = "every 1h"\n`, 'is not of type "array"'],
  ])("%s", async (_, toml, message) => {
    const errors = await lint(toml, schemaPath);
    expect(errors).toEqual([expect.stringContaining(message)]);
  });

  test("nothing wrong with references in the place of secrets, numbers, words and lists of words", async () => {
    const toml = `${head}api_key = "\${STATEWAVE_API_KEY:-}"
[runner]
port = "\${PORT:-3000}"
log_level = "\${LOG_LEVEL:-info}"
hide_mounts = "\${HIDE}"
[runner.state]
kind = "redis"
url = "\${file:/run/secrets/redis}"
${repository}repo = "\${REPOSITORY}"
token = "\${file:/run/secrets/github}"
max_items = "\${MOST}"
include = ["\${STREAM}"]
[[push.slack]]
name = "team"
signing_secret = ["\${NEW_SECRET}", "\${OLD_SECRET}"]
`;
    expect(await lint(toml, schemaPath)).toEqual([]);
  });

  test("nothing wrong with dates, ages, sizes and durations", async () => {
    const toml = `${head}[runner]\nmax_body = "2MiB"\ndrain_timeout = "30s"\n${repository}repo = "a/b"\nsince_default = 2024-01-31\n`;
    expect(await lint(toml, schemaPath)).toEqual([]);
    expect(await lint(toml.replace("2024-01-31", '"90d"').replace('"2MiB"', "2048"), schemaPath)).toEqual([]);
  });
});

describe("an editor shows", () => {
  const path = join(folder, "statewave-connectors.toml");
  const directive = "#:schema ./statewave-connectors.schema.json\n";

  test("the description of an option where the pointer rests, and offers options with theirs", { timeout: 60_000 }, async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
    onTestFinished(() => void vi.unstubAllGlobals());
    const toml = `${directive}${head}${repository}repo = "acme/widgets"\n`;
    writeFileSync(path, toml);
    const editor = await openInEditor(path, toml);
    expect(await editor.hover("acme/widgets")).toContain("One repository, `owner/name`.");
    expect(await editor.hover("every 15m")).toContain("cron with 5 or 6 fields");
    expect(await editor.hover("url")).toContain("Where episodes go");
    expect(await editor.complete()).toEqual(expect.arrayContaining(["token", "since_default", "include"]));
  });
});

describe("the schema", () => {
  test("knows the connectors that a file names by their path, and those that are installed", async () => {
    const connector = `export const connector = { kind: "numbers", version: "1.0.0", pull: { open: () => ({}), config: {
      entries: {}, "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } } } };`;
    writeFileSync(join(folder, "numbers.mjs"), connector);
    const toml = `${head}[connectors]\nnumbers = "./numbers.mjs"\n[[pull.numbers]]\nname = "all"\nschedule = "every 1h"\n`;
    writeFileSync(join(folder, "own.toml"), toml);
    const { code, stdout } = await command("schema", "--config", "own.toml");
    expect(code).toBe(0);
    const own = join(folder, "own.json");
    writeFileSync(own, stdout);
    expect(await lint(toml, own)).toEqual([]);
    expect(await lint(toml, schemaPath)).toEqual([expect.stringContaining("'numbers' was unexpected")]);
    expect(await lint(`${head}${repository}repo = "acme/widgets"\n`, own)).toEqual([]);
  });

  test("marks every secret, and shows no example of one", () => {
    const text = readFileSync(schemaPath, "utf8");
    const { properties } = JSON.parse(text) as { properties: Record<string, { properties: Record<string, never> }> };
    const slack = properties["push"]?.properties["slack"] as unknown as { items: { properties: Record<string, unknown> } };
    expect(slack.items.properties["signing_secret"]).toMatchObject({ writeOnly: true });
    expect(slack.items.properties["channels"]).not.toHaveProperty("writeOnly");
  });

  test("names a file that cannot be written", async () => {
    const { code, stderr } = await command("schema", "--output", "missing/schema.json");
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: .*missing\/schema\.json cannot be written: ENOENT \[RUNNER_OUTPUT_UNWRITABLE\]\nhint: name a file /,
    );
  });
});

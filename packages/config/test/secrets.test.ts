import { describe, expect, test } from "vitest";
import { issueMessage, optionKeys } from "@statewave-connectors/connector-sdk/schema";
import { maskSecrets } from "@statewave-connectors/connector-sdk/secrets";
import { type ConnectorsConfig, printableConfig } from "../src/index.ts";
import { pullEntryTable, pushEntryTable } from "../src/schema/entry-tables.ts";
import { errorOf, loadEntries, loadText } from "./load-text.ts";

const env = { HOST: "internal.example", PORT: "4321", KEY: "key-from-env", REPO: "acme/hidden", EVERY: "every 2h" };

const everything = `[statewave]
url = "https://user:url-password@memory.example"
api_key = "literal-api-key"
[runner]
port = "\${PORT}"
host = "0.0.0.0"
max_body = "\${SIZE:-2MiB}"
[runner.state]
kind = "server"
url = "server://bob:state%2Dpassword@db/x"
[runner.metrics]
auth = { kind = "basic", username = "prometheus", password = "metrics-password" }
[[pull.full]]
name = "a"
schedule = "\${EVERY}"
repo = "\${REPO}"
token = "literal-token"
secrets = ["first-secret", "second-secret"]
base_url = "https://x:base-password@git.example/api"
account = { type = "token", token = "account-token" }
labels = ["plain", "\${HOST}"]
[[push.full]]
name = "b"
signing_secret = "\${KEY}"
`;

const load = async (): Promise<ConnectorsConfig> => {
  const { fixtureConnectors } = await import("./load-text.ts");
  return (await loadText(everything + fixtureConnectors, { env })).config;
};

const secrets = [
  "literal-api-key",
  "metrics-password",
  "literal-token",
  "first-secret",
  "second-secret",
  "account-token",
  "key-from-env",
  "url-password",
  "state%2Dpassword",
  "state-password",
  "server://bob:state%2Dpassword@db/x",
  "base-password",
];

test("the printed config shows no secret, nothing from the environment and no user info", async () => {
  const printed = printableConfig(await load());
  const text = JSON.stringify(printed);
  for (const hidden of [...secrets, ...Object.values(env), "bob", "2097152"]) expect(text).not.toContain(hidden);
  expect(printed).toMatchObject({
    statewave: { url: "https://memory.example", apiKey: "***", tenantHeader: "X-Tenant-ID" },
    runner: {
      port: "***",
      host: "0.0.0.0",
      maxBodyBytes: "***",
      drainTimeoutMs: 25_000,
      state: { kind: "server", options: { url: "***" } },
      inbox: { kind: "server", options: { url: "***" } },
      metrics: { path: "/metrics", auth: { kind: "basic", username: "prometheus", password: "***" } },
    },
    pull: [
      {
        kind: "full",
        name: "a",
        schedule: "***",
        catchUp: "once",
        options: {
          repo: "***",
          token: "***",
          secrets: "***",
          base_url: "https://git.example/api",
          account: { type: "token", token: "***" },
          labels: ["plain", "***"],
        },
      },
    ],
    push: [{ kind: "full", name: "b", options: { signing_secret: "***" } }],
  });
});

test("the printed config hides each key of an entry and of [privacy] that comes from the environment", async () => {
  const values: Readonly<Record<string, string>> = {
    schedule: "every 61m",
    subject: "subject-from-env",
    redact: "rule-from-env",
    max_items: "4711",
    dry_run: "true",
    catch_up: "skip",
    pull: "twin",
  };
  const written = (table: unknown) =>
    (optionKeys(table) ?? [])
      .filter((key) => key !== "name")
      .map((key) => (key === "redact" ? 'redact = ["${redact}"]' : `${key} = "\${${key}}"`))
      .join("\n");
  const { config } = await loadEntries(
    `[privacy]\nredact = ["\${BUILT_IN}"]\n[[privacy.rule]]\nname = "\${redact}"\npattern = "\${PATTERN}"\n` +
      `[[pull.full]]\nname = "twin"\nrepo = "r"\n${written(pullEntryTable)}\n` +
      `[[push.full]]\nname = "b"\nsigning_secret = "s"\n${written(pushEntryTable)}`,
    { env: { ...values, BUILT_IN: "email", PATTERN: "E-[0-9]+" } },
  );
  const { privacy, pull, push } = printableConfig(config);
  expect(privacy).toEqual({ redact: "***", rules: "***" });
  const hidden = { subject: "***", redact: "***" };
  expect(pull).toMatchObject([{ ...hidden, name: "twin", schedule: "***", maxItems: "***", dryRun: "***", catchUp: "***" }]);
  expect(push).toMatchObject([{ ...hidden, name: "b", pull: "***" }]);
});

test("marked secrets, keys and tokens, and the passwords in URLs are masked in every text from then on", async () => {
  await load();
  for (const secret of secrets) expect(maskSecrets(`<${secret}>`)).toBe("<***>");
});

test("a config that was changed by hand keeps its secrets to itself", async () => {
  const config = await load();
  const changed: ConnectorsConfig = {
    ...config,
    statewave: { ...config.statewave, maxInFlight: 9 },
    runner: { ...config.runner, port: 1 },
    pull: config.pull.map((entry) => ({ ...entry })),
  };
  const printed = printableConfig(changed);
  for (const hidden of secrets) expect(JSON.stringify(printed)).not.toContain(hidden);
  expect(printed).toMatchObject({ statewave: { maxInFlight: 9 }, runner: { port: 1 }, pull: [{ options: "***" }] });
});

describe("a validation message", () => {
  const pull = (lines: string) => `[[pull.full]]\nname = "a"\nschedule = "every 1h"\nrepo = "r"\n${lines}`;

  test.each([
    ["a short marked secret", pull('token = "abc1234"'), {}, "abc1234"],
    ["a marked secret of the wrong type", pull("token = 987654321"), {}, "987654321"],
    ["a marked secret in a list", pull('secrets = ["good", 424242]'), {}, "424242"],
    ["a marked secret in a variant", pull('account = { type = "token", token = 555666 }'), {}, "555666"],
    ["a value from the environment", pull('count = "${V}"'), { V: "hunter2!" }, "hunter2!"],
    ["a coerced value from the environment", pull('count = "${V}"'), { V: "0042.50" }, "42.5"],
    ["a value quoted by the connector's own message", pull('prefix = "${V}"'), { V: "hunter2!" }, "hunter2!"],
    ["a schedule from the environment", pull("").replace("every 1h", "${V}"), { V: "every hunter" }, "hunter"],
    ["an own value from the environment", `[runner]\ntimezone = "\${V}"`, { V: "hunter/2" }, "hunter/2"],
    [
      "what a throwing schema quotes",
      '[[pull.throwing]]\nname = "a"\nschedule = "every 1h"\ntoken = "${V}"',
      { V: "hunter2!" },
      "hunter2!",
    ],
    [
      "what another library's schema quotes",
      '[[pull.other]]\nname = "a"\nschedule = "every 1h"\nlevel = "${V}"',
      { V: "hunter2!" },
      "hunter2!",
    ],
    ["a metrics token", '[runner.metrics]\nauth = { kind = "bearer", token = 12345678 }', {}, "12345678"],
  ])("does not show %s", async (_, text, variables, value) => {
    const error = await errorOf(loadEntries(text, { env: variables }));
    expect(error.problems).toHaveLength(1);
    expect(JSON.stringify([error.message, error.problems, error.stack, error.cause])).not.toContain(value);
  });

  test("shows what is no secret", async () => {
    const error = await errorOf(loadEntries(pull('count = "seven"\nprefix = "abc"')));
    expect(error.message).toContain('count: expected a number, got "seven"');
    expect(error.message).toContain("prefix: must begin with x, not with abc");
  });

  test("keeps a connector's own words about a secret unless they share something with it", () => {
    const say = (message: string, here: string) => issueMessage({ message }, { here: [here], elsewhere: [] });
    expect(say("must start with ghp_", "abcdefgh")).toBe("must start with ghp_");
    expect(say("got abcd…", "ABCDEFGH")).toContain("is not valid");
    expect(say("x is short", "x")).toContain("is not valid");
    expect(issueMessage({ message: "differs from s3cret" }, { here: [], elsewhere: ["s3cret"] })).toContain("is not valid");
  });
});

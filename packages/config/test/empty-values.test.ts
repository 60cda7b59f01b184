import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadEntries, loadText, problemsOf, temporaryFolder } from "./load-text.ts";

const sink = '[statewave]\nurl = "stdout:"\n';
const pull = (lines: string) => `[[pull.full]]\nname = "a"\nschedule = "every 1h"\nrepo = "r"\n${lines}`;

describe("a variable that is set to nothing means none", () => {
  test.each<[string, Record<string, unknown>]>([
    ['token = "${X:-}"', {}],
    ['token = "${X}"', {}],
    ['token = "${X}${Y:-}"', {}],
    ['count = "${X:-}"', {}],
    ['enabled = "${X}"', {}],
    ['labels = "${X:-}"', { labels: [] }],
    ['labels = ["${X:-}"]', { labels: [] }],
    ['labels = ["one", "${X:-}", "${SET}"]', { labels: ["one", "two"] }],
    ['secrets = ["${X:-}", "${X}"]', {}],
    ['proxy = { host = "h", port = "${X:-}" }', { proxy: { host: "h" } }],
  ])("for an option of a connector: %s", async (lines, expected) => {
    const { config } = await loadEntries(pull(lines), { env: { X: "", SET: "two" } });
    expect(config.pull[0]!.options).toEqual({ repo: "r", labels: [], ...expected });
  });

  test.each([
    ['port = "${X:-}"', { port: 3000 }],
    ['host = "${X}"', { host: "0.0.0.0" }],
    ['timezone = "${X:-}"', { timezone: "UTC" }],
    ['drain_timeout = "${X:-}"', { drainTimeoutMs: 25_000 }],
    ['[runner.state]\nkind = "${X:-}"', { state: { kind: "memory" } }],
    ['[runner.inbox]\nkind = "${X:-}"\ndedup_window = "${X}"', { inbox: { kind: "memory", dedupWindowMs: 86_400_000 } }],
    ['[runner.state]\nkind = "server"\nurl = "server://h"\nschema = "${X:-}"', { state: { options: { url: "server://h" } } }],
    ['[runner.metrics]\npath = "${X:-}"', { metrics: { path: "/metrics" } }],
  ])("in the tables of the runner: %s", async (lines, expected) => {
    const { config } = await loadText(`${sink}[runner]\n${lines}`, { env: { X: "" } });
    expect(config.runner).toMatchObject(expected);
  });

  test("for the key and tenant of the sink, and for what every entry has", async () => {
    const text = `${sink}api_key = "\${X}"\ntenant_id = "\${X}"\ntenant_header = "\${X:-}"\n`;
    expect((await loadText(text, { env: { X: "" } })).config.statewave).toEqual({
      url: "stdout:",
      tenantHeader: "X-Tenant-ID",
      maxInFlight: 2,
      lingerMs: 5,
    });
    const { config } = await loadEntries(pull('subject = "${X}"\nmax_items = "${X}"\ncatch_up = "${X}"'), { env: { X: "" } });
    expect(config.pull[0]).not.toHaveProperty("subject");
    expect(config.pull[0]).toMatchObject({ catchUp: "once" });
  });

  test("a file that is empty or blank means none, too", async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, "token"), " \n");
    const { config } = await loadEntries(pull('token = "${file:./token}"'), { cwd });
    expect(config.pull[0]!.options).toEqual({ repo: "r", labels: [] });
  });
});

describe("a required option that is empty names what it was read from", () => {
  const empty = (name: string) => `is required, but the environment variable ${name} is empty`;
  test.each([
    [pull('account = { type = "token", token = "${ACCOUNT:-}" }'), "pull.full[0].account.token", empty("ACCOUNT")],
    ['[[push.full]]\nname = "a"\nsigning_secret = "${SIGNING}"', "push.full[0].signing_secret", empty("SIGNING")],
    [pull("").replace("every 1h", "${EVERY:-}"), "pull.full[0].schedule", empty("EVERY")],
    ['[runner.metrics]\nauth = { kind = "bearer", token = "${T}" }', "runner.metrics.auth.token", empty("T")],
    ['[runner.state]\nkind = "server"\nurl = "${DATABASE:-}"', "runner.state.url", empty("DATABASE")],
    [
      '[runner.admin]\nlisten = "0.0.0.0:9464"\ntoken = "${ADMIN:-}"',
      "runner.admin.token",
      expect.stringMatching(/^required because .*; the environment variable ADMIN is empty$/),
    ],
  ])("%s", async (text, path, message) => {
    const env = { SIGNING: "", T: "" };
    expect(await problemsOf(loadEntries(text, { env }))).toMatchObject([{ path, message }]);
  });

  test("also when it is a file", async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, "empty"), "");
    expect(await problemsOf(loadEntries('[[push.full]]\nname = "a"\nsigning_secret = "${file:./empty}"', { cwd }))).toMatchObject(
      [{ message: "is required, but the file ./empty is empty", hint: "write the value into the file ./empty" }],
    );
  });
});

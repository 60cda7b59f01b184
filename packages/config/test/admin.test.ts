import { describe, expect, test } from "vitest";
import { loadText, problemsOf } from "./load-text.ts";
import { revealAll } from "./reveal-all.ts";

const sink = '[statewave]\nurl = "https://memory.example/"\n';
const admin = async (keys: string) => (await loadText(`${sink}[runner.admin]\n${keys}`)).config.runner.admin;

describe("[runner.admin] listen", () => {
  test.each([
    ['"127.0.0.1:9464"', { host: "127.0.0.1", port: 9464 }],
    ['"[::1]:9464"', { host: "::1", port: 9464 }],
    ['"localhost:0"', { host: "localhost", port: 0 }],
    ['"127.8.9.10:1"', { host: "127.8.9.10", port: 1 }],
    ['"9464"', { host: "127.0.0.1", port: 9464 }],
  ])("%s needs no token", async (listen, expected) => {
    expect(await admin(`listen = ${listen}`)).toEqual({ listen: expected, allowedHosts: [] });
  });

  test.each([
    ['"0.0.0.0:9464"', { host: "0.0.0.0", port: 9464 }],
    ['"[::]:9464"', { host: "::", port: 9464 }],
    ['"admin.internal:9464"', { host: "admin.internal", port: 9464 }],
    ['"10.0.0.7:9464"', { host: "10.0.0.7", port: 9464 }],
    ['"localhost.example:9464"', { host: "localhost.example", port: 9464 }],
  ])("%s is refused without a token, at the token's path, and taken with one", async (listen, expected) => {
    for (const token of ["", 'token = ""\n']) {
      const problems = await problemsOf(loadText(`${sink}[runner.admin]\nlisten = ${listen}\n${token}`));
      expect(problems).toMatchObject([
        { path: "runner.admin.token", message: expect.stringContaining("required because `listen` is not a loopback address") },
      ]);
    }
    expect(revealAll(await admin(`listen = ${listen}\ntoken = "t0ken"`))).toEqual({
      listen: expected,
      token: "t0ken",
      allowedHosts: [],
    });
  });

  test.each([
    "127.1:9464",
    "::1:9464",
    "[127.0.0.1]:9464",
    "127.0.0.1",
    "127.0.0.1:70000",
    "http://127.0.0.1:9464",
    "a b:1",
    ":1",
  ])("%j is no address", async (listen) => {
    expect(await problemsOf(loadText(`${sink}[runner.admin]\nlisten = "${listen}"`))).toMatchObject([
      { path: "runner.admin.listen", message: expect.stringContaining("expected an address such as") },
    ]);
  });

  test("an empty one, as an unset variable gives, is none", async () => {
    expect(await admin('listen = "${NO_SUCH_ADMIN:-}"\ntoken = "${NO_SUCH_TOKEN:-}"')).toBeUndefined();
    expect(await admin('token = "t"')).toBeUndefined();
  });
});

test("a token that no header can carry is refused without being quoted", async () => {
  for (const token of ["with space", "line\\nbreak", "schlüssel"]) {
    const problems = await problemsOf(loadText(`${sink}[runner.admin]\nlisten = "9464"\ntoken = "${token}"`));
    expect(problems).toMatchObject([{ path: "runner.admin.token", message: expect.stringContaining("visible ASCII") }]);
    expect(JSON.stringify(problems)).not.toContain(token);
  }
});

describe("mounts are hidden by default", () => {
  test.each([
    ["", true],
    ['host = "10.0.0.7"', true],
    ['host = "127.0.0.1"', false],
    ['host = "::1"', false],
    ['host = "127.0.0.1"\nadmin.listen = "9464"', true],
    ["hide_mounts = false", false],
    ['host = "127.0.0.1"\nhide_mounts = true', true],
  ])("[runner] %j: %s", async (keys, hidden) => {
    expect((await loadText(`${sink}[runner]\n${keys}`)).config.runner.hideMounts).toBe(hidden);
  });
});

describe("[runner.admin] console", () => {
  test("is off by default, and only looks unless `allow_actions` is set, too", async () => {
    expect(await admin('listen = "9464"')).not.toHaveProperty("console");
    expect(await admin('listen = "9464"\nconsole = true')).toMatchObject({ console: { allowActions: false } });
    expect(await admin('listen = "9464"\nconsole = true\nallow_actions = true')).toMatchObject({
      console: { allowActions: true },
    });
  });

  test.each(["", 'listen = "${NO_SUCH_ADMIN:-}"\n'])("needs an address: %j", async (listen) => {
    expect(await problemsOf(loadText(`${sink}[runner.admin]\n${listen}console = true`))).toMatchObject([
      { path: "runner.admin.listen", message: expect.stringContaining("required because of `console = true`") },
    ]);
  });

  test("is what allow_actions is for", async () => {
    expect(await problemsOf(loadText(`${sink}[runner.admin]\nlisten = "9464"\nallow_actions = true`))).toMatchObject([
      { path: "runner.admin.allow_actions", message: expect.stringContaining("no effect without `console = true`") },
    ]);
  });
});

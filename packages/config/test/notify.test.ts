import { describe, expect, it } from "vitest";
import { parseConfig, printableConfig } from "../src/index.ts";

const parse = async (notify: unknown, notices: object = {}) =>
  (await parseConfig({ statewave: { url: "stdout:" }, runner: { notices }, notify } as never)).config;
const problemsOf = (promise: Promise<unknown>) =>
  promise.then(
    () => [],
    (error: { readonly problems: readonly { readonly path: string; readonly message: string; readonly hint?: string }[] }) =>
      error.problems,
  );
const url = "https://hooks.example.com/services/T0/B0/hook-secret";

describe("[[notify]]", () => {
  it("is absent unless it is written", async () => {
    expect((await parse(undefined)).notices).toBeUndefined();
  });

  it("reports every event as Slack shows it unless it says otherwise, whatever its URL", async () => {
    const { notices } = await parse([{ name: "ops", url }]);
    expect(notices).toMatchObject({ settleMs: 60_000, inboxAgeMs: 900_000, notify: [{ name: "ops", format: "slack" }] });
    expect(notices?.notify[0]?.events).toContain("downtime");
    expect(notices?.notify[0]?.events).toHaveLength(11);
  });

  it("takes events, a format and times of its own", async () => {
    const { notices } = await parse([{ name: "ops", url, format: "json", events: ["sink_down"] }], {
      settle: "5s",
      inbox_age: "1h",
    });
    expect(notices).toMatchObject({
      settleMs: 5_000,
      inboxAgeMs: 3_600_000,
      notify: [{ format: "json", events: ["sink_down"] }],
    });
  });

  it("takes http only to this machine", async () => {
    for (const local of ["http://127.0.0.1:9000/x", "http://localhost/x", "http://[::1]:9000/x"])
      expect((await parse([{ name: "ops", url: local }])).notices?.notify).toHaveLength(1);
    for (const refused of ["http://hooks.example.com/x", "https://user:pass@hooks.example.com/x", "file:///etc/passwd", "x"])
      expect(await problemsOf(parse([{ name: "ops", url: refused }]))).toMatchObject([
        { path: "notify[0].url", message: expect.stringContaining("expected an https URL") },
      ]);
  });

  it("names what is wrong, and never shows a URL", async () => {
    const problems = await problemsOf(
      parse([
        { name: "ops", url, events: ["sink_dwon"] },
        { name: "ops", url: `${url}\u0000 x`, formt: "json" },
      ]),
    );
    expect(problems.map(({ path }) => path)).toEqual([
      "notify[0].events[0]",
      "notify[1].formt",
      "notify[1].url",
      "notify[1].name",
    ]);
    expect(JSON.stringify(problems)).not.toContain("hook-secret");
    expect(await problemsOf(parse({ name: "ops", url }))).toMatchObject([
      { path: "notify", hint: expect.stringContaining("[[") },
    ]);
  });

  it("prints without its URL, also one from a variable", async () => {
    const text = `[statewave]\nurl = "stdout:"\n[[notify]]\nname = "ops"\nurl = "\${HOOK}"\n`;
    const { config } = await parseConfig(text, { env: { HOOK: url } });
    expect(config.notices?.notify[0]?.url.reveal()).toBe(url);
    expect(printableConfig(config)).toMatchObject({ notices: { notify: [{ name: "ops", url: "***" }] } });
    expect(JSON.stringify([printableConfig(config), config])).not.toContain("hooks.example");
  });
});

import { expect, test } from "vitest";
import { openReceiver } from "./open-receiver.ts";
import { openSource } from "./open-source.ts";

const signal = new AbortController().signal;

test("everything is well when the token can read what is wanted", async () => {
  const { source } = await openSource({ channels: 2 });
  const results = await source.check!(signal);
  expect(results.filter((result) => !result.ok)).toEqual([]);
  expect(results.map((result) => result.message).join("\n")).toMatch(/Acme \(T0ACME\)[^]*reads #channel-1, #channel-2/);
});

test.each<[string, readonly string[], Record<string, unknown>, string]>([
  ["the history's scope", ["channels:history"], {}, "channels:history"],
  ["a DM scope", ["im:read"], { include_dms: true }, "im:read"],
  ["the scope of names of channels", ["channels:read", "groups:read"], {}, "channels:read"],
  ["a channel", [], { channels: ["#genral"] }, "#genral"],
])("names %s that is missing, before the first run", async (_, missing, entry, words) => {
  const { fake, reopen } = await openSource({ channels: 1 });
  for (const scope of missing) fake.scopes.delete(scope);
  const failed = (await reopen(entry).check!(signal)).filter((result) => !result.ok);
  expect(failed.map((result) => result.message).join("\n")).toContain(words);
});

test("names a token that is wrong, and does not repeat it", async () => {
  const { reopen } = await openSource();
  const [result] = await reopen({ bot_token: "xoxb-wrong" }).check!(signal);
  expect(result).toMatchObject({ ok: false, message: expect.stringContaining("SLACK_UNAUTHORIZED") });
  expect(result!.message).not.toContain("xoxb-wrong");
});

test("says that no channel has the app", async () => {
  const { source } = await openSource({ channels: 0 });
  expect((await source.check!(signal)).find((result) => !result.ok)?.message).toContain("/invite");
});

test("of a receiver checks token, names and channels; without a token it says that ids are shown", async () => {
  const { fake } = await openSource({ channels: 1 });
  const world = { fetch: globalThis.fetch };
  const receiver = openReceiver(
    { bot_token: fake.token, base_url: fake.url, channels: ["#channel-1", "#genral"] },
    undefined,
    world,
  );
  const results = await receiver.check!(signal);
  expect(results.filter((result) => !result.ok).map((result) => result.message)).toEqual([expect.stringContaining("#genral")]);
  expect(await openReceiver().check!(signal)).toEqual([{ ok: true, message: expect.stringContaining("by id") }]);
});

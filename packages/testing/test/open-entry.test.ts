import { expect, test } from "vitest";
import { fakeContext, openEntry, openReceiver } from "../src/index.ts";
import { FakeClock } from "../src/fake-clock.ts";
import { mailSuite } from "./describe-connector/mail-provider.ts";
import { mailSubject } from "./describe-connector/mail-faults.ts";
import { tinySubject } from "./describe-receiver/tiny-receiver.ts";

test("opens a pull entry with its options checked, and walks it to the end", async () => {
  const { connector } = mailSubject();
  const { fetch } = mailSuite.open();
  const { walk, context } = await openEntry(connector, { token: "t0k3n" }, { fetch });
  expect((await walk()).flatMap(({ episodes }) => episodes)).toHaveLength(150);
  expect(context.source).toEqual({ kind: "mail", name: "main" });
  await expect(openEntry(connector, { tokn: "t0k3n" })).rejects.toThrow("the options are refused");
});

test("opens a receiver with its options checked, and maps a delivery", async () => {
  const { connector, options, samples } = tinySubject();
  const { episodesOf, receiver } = await openReceiver(connector, options(["secret"]));
  const sample = samples.find(({ kinds = [] }) => kinds.length > 0);
  expect((await episodesOf(sample?.body ?? "", sample?.headers)).map(({ kind }) => kind)).toEqual(sample?.kinds);
  const unsigned = { method: "POST", path: "/", headers: {}, body: new Uint8Array(), receivedAtMs: 0 };
  expect(await receiver.receive(unsigned)).toMatchObject({ type: "respond" });
});

test("says what a connector does not have", async () => {
  await expect(openReceiver(mailSubject().connector, {})).rejects.toThrow("connector mail has no receiver");
  await expect(openEntry({ kind: "bare", version: "1.0.0" }, {})).rejects.toThrow("connector bare has no pull");
});

test("makes a context of what is given, and of silence", () => {
  const clock = new FakeClock(7);
  expect(fakeContext("acme", { clock, baseDir: "/here" })).toMatchObject({ clock, baseDir: "/here", source: { kind: "acme" } });
});

import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { keptLength, parseKeptText, TextRecords } from "../../src/records/text-records.ts";

function world() {
  const { records } = new InMemoryPullCursorStore({ clock: new FakeClock() });
  return { records, texts: new TextRecords({ records, scope: "texts", random: Math.random }) };
}

const noise = (length: number) => Array.from({ length }, () => Math.floor(Math.random() * 16).toString(16)).join("");

test.each([
  { what: "an empty text", text: "" },
  { what: "NUL, halves of pairs and other planes", text: "\0 \ud800 \udc00 𝔘 ünï" },
  { what: "a long text with them", text: "\0 \ud800 𝔘".repeat(20_000) },
  { what: "a long text of one letter", text: "a".repeat(1_000_000) },
  { what: "a long text of no pattern", text: noise(1_000_000) },
])("$what comes back as it was", async ({ text }) => {
  const { texts } = world();
  const kept = await texts.keep(text, 60_000);
  const stored = parseKeptText(JSON.parse(JSON.stringify(kept)));
  expect(stored).toEqual(kept);
  expect((await texts.read(kept)) === text).toBe(true);
  expect(keptLength(kept)).toBeLessThanOrEqual(Math.max(text.length, 4_096));
});

test("what is dropped leaves no record behind", async () => {
  const { texts, records } = world();
  const kept = await texts.keep(noise(300_000), 60_000);
  expect((await records.list("texts")).length).toBeGreaterThan(1);
  await texts.drop(kept);
  expect(await records.list("texts")).toEqual([]);
  await expect(texts.read(kept)).rejects.toMatchObject({ code: "STORE_RECORD_UNREADABLE" });
});

test("a damaged text is an error, and never another text", async () => {
  const { texts } = world();
  await expect(texts.read({ gzip: "bm90IGd6aXA=" })).rejects.toMatchObject({ code: "STORE_RECORD_UNREADABLE" });
  expect(parseKeptText({ name: "job/1", parts: 3, length: 9 })).toBeUndefined();
  expect(parseKeptText({ name: "part/1", parts: 1e9, length: 9 })).toBeUndefined();
});

import { expect, test } from "vitest";
import { type Connector } from "../../src/index.ts";
import { openPushReceiver, toFetchHandler } from "../../src/receive/index.ts";

const config: NonNullable<Connector["push"]>["config"] = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) =>
      typeof (value as { secret?: unknown }).secret === "string"
        ? { value }
        : { issues: [{ message: "is required", path: ["secret"] }] },
  },
};

const seen: unknown[] = [];
const connector: Connector = {
  kind: "notes",
  version: "1.0.0",
  push: {
    config,
    maxBodyBytes: 4,
    open: (options, { source }) => {
      seen.push([options, source]);
      return { receive: () => ({ type: "event" }), async *pages() {} };
    },
  },
};

test("a receiver is opened with its options and works behind a fetch handler", async () => {
  const opened = await openPushReceiver({ connector, name: "one", options: { secret: "s" } });
  expect(seen).toEqual([[{ secret: "s" }, { kind: "notes", name: "one" }]]);
  const handle = toFetchHandler({ ...opened, accept: async () => "fresh" });
  const post = (body: string) => handle(new Request("https://mine.example/", { method: "POST", body }));
  expect([(await post("1234")).status, (await post("12345")).status]).toEqual([200, 413]);
});

test("a connector made for another contract is refused before it is opened", async () => {
  const later: Connector = { ...connector, contract: 2 };
  const opening = openPushReceiver({ connector: later, name: "one", options: { secret: "s" } });
  await expect(opening).rejects.toMatchObject({ code: "CONFIG_CONTRACT_UNSUPPORTED" });
});

test("wrong options are refused by name, without their values", async () => {
  const opening = openPushReceiver({ connector, name: "one", options: { secret: 12_345 } });
  await expect(opening).rejects.toMatchObject({ code: "PUSH_OPTION_INVALID", message: expect.stringContaining("secret") });
  await expect(opening).rejects.not.toMatchObject({ message: expect.stringContaining("12345") });
});

test("a connector without webhooks is refused", async () => {
  const opening = openPushReceiver({ connector: { kind: "folder", version: "1.0.0" }, name: "one", options: {} });
  await expect(opening).rejects.toMatchObject({ code: "PUSH_NO_RECEIVER" });
});

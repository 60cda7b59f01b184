import { parseConfig } from "@statewave-connectors/config";
import type { Connector } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { expect, test } from "vitest";
import { createRunner } from "../src/index.ts";

const config = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } } as const;
const pages = async function* () {};

/** Opens one entry whose connector, written in plain JavaScript, returns `opened` from `open()`. */
async function open(direction: "pull" | "push", opened: unknown) {
  const declaration = { config, open: () => opened };
  const connector = { kind: "plain", version: "1.0.0", contract: 1, [direction]: declaration } as unknown as Connector;
  const entry = direction === "pull" ? { name: "main", schedule: "every 1h" } : { name: "main" };
  const source = { statewave: { url: "stdout:" }, runner: { port: 0 }, [direction]: { plain: [entry] } };
  const parsed = await parseConfig(source, { connectors: [connector] });
  const runner = await createRunner({ ...parsed, logger: silentLogger, listen: false });
  try {
    await runner.start();
  } finally {
    await runner.stop();
  }
}

test.each([
  ["pull", undefined, "open() returned undefined instead of an object"],
  ["pull", null, "open() returned null instead of an object"],
  ["pull", Promise.resolve({ pages }), "open() returned a promise instead of what it opened"],
  ["pull", {}, "open() returned an object whose `pages` is undefined instead of a function"],
  ["pull", { pages: [] }, "open() returned an object whose `pages` is an object instead of a function"],
  ["pull", { pages, check: true }, "open() returned an object whose `check` is a boolean instead of a function"],
  ["push", "receiver", "open() returned a string instead of an object"],
  ["push", { verify: {}, pages }, "open() returned an object whose `verify` is an object instead of a function"],
  ["push", { verify: () => undefined }, "open() returned an object whose `pages` is undefined instead of a function"],
] as const)("a %s whose open() returns %o is refused at the start, and the entry is named", async (direction, opened, said) => {
  await expect(open(direction, opened)).rejects.toMatchObject({
    code: "RUNNER_ENTRY_OPEN",
    message: `the connector could not open plain/main: ${said}`,
  });
});

test("what an entry need not have may be absent", async () => {
  await expect(open("pull", { pages, check: undefined })).resolves.toBeUndefined();
  await expect(open("push", { pages, verify: () => undefined })).resolves.toBeUndefined();
});

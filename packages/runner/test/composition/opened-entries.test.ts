import { parseConfig } from "@statewave-connectors/config";
import type { Connector, ConnectorContext } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { InMemoryInbox } from "@statewave-connectors/inbox-memory";
import { expect, onTestFinished, test, vi } from "vitest";
import { createRunner } from "../../src/index.ts";
import { keepingLogger } from "../health/logging.ts";

const config = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } } as const;
const admit = () => undefined;
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
  ["push", { verify: admit }, "open() returned an object whose `pages` is undefined instead of a function"],
  [
    "push",
    { verify: admit, pages, form: { field: 5 } },
    "open() returned an object whose `form` is an object instead of { field } with the name of a field",
  ],
] as const)(
  "a %s whose open() returns %o ends the start when it is the only entry, and is named",
  async (direction, opened, said) => {
    await expect(open(direction, opened)).rejects.toMatchObject({
      code: "RUNNER_ENTRY_OPEN",
      message: `the connector could not open plain/main: ${said}`,
    });
  },
);

/** A runner of a sound receiver and of what `spoiled` makes of others, with an inbox that outlives it. */
async function startBeside(spoiled: Readonly<Record<"pull" | "push", () => unknown>>, inbox = new InMemoryInbox()) {
  const sound = { verify: admit, identify: () => "1", pages };
  const connector = {
    kind: "plain",
    version: "1.0.0",
    contract: 1,
    pull: { config, open: spoiled.pull },
    push: { config, open: (_: unknown, { source }: ConnectorContext) => (source.name === "sound" ? sound : spoiled.push()) },
  } as unknown as Connector;
  const source = {
    statewave: { url: "stdout:" },
    runner: { port: 0, admin: { listen: "127.0.0.1:0" } },
    pull: { plain: [{ name: "main", schedule: "every 1h" }] },
    push: { plain: [{ name: "sound" }, { name: "broken" }] },
  };
  const { logger, lines } = keepingLogger();
  const parsed = await parseConfig(source, { connectors: [connector] });
  const runner = await createRunner({ ...parsed, logger, inbox, ingest: async () => undefined });
  await runner.start();
  onTestFinished(() => runner.stop());
  const { url, adminUrl } = runner.describe();
  return { lines, adminUrl, post: (name: string) => fetch(`${url}/plain/${name}/events`, { method: "POST", body: "{}" }) };
}

test("entries that cannot be opened are reported one by one, and the others run", async () => {
  const { lines, adminUrl, post } = await startBeside({
    pull: () => ({ pages: 5 }),
    push() {
      throw undefined;
    },
  });
  const unopened = lines.filter(({ message }) => message === "an entry cannot be opened");
  expect(unopened.map(({ fields }) => [fields?.["direction"], fields?.["source"]])).toEqual([
    ["pull", "plain/main"],
    ["push", "plain/broken"],
  ]);
  const { sources } = (await (await fetch(`${adminUrl}/readyz`)).json()) as { sources: { unhealthy: unknown[] } };
  expect(sources.unhealthy).toMatchObject([
    { entry: "pull plain/main", code: "RUNNER_ENTRY_OPEN", message: expect.stringContaining("`pages` is a number") as string },
    { entry: "push plain/broken", code: "RUNNER_ENTRY_OPEN", message: expect.stringContaining("threw undefined") as string },
  ]);
  expect((await post("sound")).status).toBe(200);
  const refused = await post("broken");
  expect([refused.status, Number(refused.headers.get("retry-after")) > 0]).toEqual([503, true]);
});

test("a stored webhook of an entry that cannot be opened is kept until it can", async () => {
  const inbox = new InMemoryInbox();
  const source = { kind: "plain", name: "broken" };
  await inbox.accept({ type: "event", source, id: "1", headers: {}, body: Buffer.from("{}"), receivedAtMs: 0 });
  const { lines } = await startBeside({ pull: () => ({ pages }), push: () => ({}) }, inbox);
  await vi.waitFor(() => expect(lines.map(({ message }) => message)).toContain("an inbox item is retried later"));
  expect(await inbox.stats()).toMatchObject({ depth: 1, deadLetters: [] });
});

test("what an entry need not have may be absent", async () => {
  await expect(open("pull", { pages, check: undefined })).resolves.toBeUndefined();
  await expect(open("push", { pages, verify: admit })).resolves.toBeUndefined();
});

test("a receiver is opened with the name of its twin, and one without a twin with none", async () => {
  const twins: Record<string, string | undefined> = {};
  const connector = {
    kind: "plain",
    version: "1.0.0",
    contract: 1,
    pull: { config, open: () => ({ pages }) },
    push: {
      config,
      open(_: unknown, { source, twin }: ConnectorContext) {
        twins[source.name] = twin;
        return { verify: admit, pages };
      },
    },
  } as unknown as Connector;
  const source = {
    statewave: { url: "stdout:" },
    runner: { port: 0 },
    pull: { plain: [{ name: "history", schedule: "every 1h" }] },
    push: { plain: [{ name: "healed", pull: "history" }, { name: "alone" }] },
  };
  const parsed = await parseConfig(source, { connectors: [connector] });
  const runner = await createRunner({ ...parsed, logger: silentLogger, listen: false });
  await runner.start();
  await runner.stop();

  expect(twins).toEqual({ healed: "history", alone: undefined });
});

import { join } from "node:path";
import { mkdirSync } from "node:fs";
import { silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import { defaultInboxLimits } from "@statewave-connectors/connector-sdk/inbox";
import { expect, test } from "vitest";
import { FileEngine } from "../src/file-engine.ts";
import { openInbox } from "../src/index.ts";
import { restoreInbox } from "../src/restore-inbox.ts";
import { startWorker } from "../src/worker-link.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const source = { kind: "slack", name: "team" };
const event = (id: string, body: string) =>
  ({ type: "event", source, id, headers: {}, body: Buffer.from(body), receivedAtMs: 1 }) as const;

test("a copy that is made while webhooks are accepted holds every one that was answered before it began", async () => {
  const folder = temporaryFolder();
  const copy = join(folder, "copy");
  mkdirSync(copy);
  const context = { clock: systemClock, logger: silentLogger, baseDir: folder, stateDir: folder };
  const inbox = await openInbox({}, defaultInboxLimits, context);
  const large = "x".repeat(20_000);
  for (let at = 0; at < 500; at += 1) await inbox.accept(event(`before-${at}`, large));
  let isOver = false;
  const backup = inbox.backup!(copy).finally(() => (isOver = true));
  let meanwhile = 0;
  // eslint-disable-next-line no-unmodified-loop-condition -- the end of the back-up modifies it
  while (!isOver) await inbox.accept(event(`meanwhile-${(meanwhile += 1)}`, large));
  expect(await backup).toEqual(["inbox.sqlite"]);
  await inbox.close();

  const target = temporaryFolder();
  const restored = { ...context, baseDir: target, stateDir: target };
  await openInbox.restore!({}, restored, copy);
  const opened = await openInbox({}, defaultInboxLimits, restored);
  const { depth } = await opened.stats();
  expect(depth).toBeGreaterThanOrEqual(500);
  expect(depth).toBeLessThanOrEqual(500 + meanwhile);
  for (let at = 0; at < 500; at += 50) expect(await opened.accept(event(`before-${at}`, ""))).toBe("duplicate");
  await expect(openInbox.restore!({}, restored, copy)).rejects.toMatchObject({ code: "INBOX_LOCKED" });
  await opened.close();
});

test("no runner can open the inbox while the copy that replaces it is checked", async () => {
  const folder = temporaryFolder();
  const copy = join(folder, "copy");
  mkdirSync(copy);
  const context = { clock: systemClock, logger: silentLogger, baseDir: folder, stateDir: folder };
  const inbox = await openInbox({}, defaultInboxLimits, context);
  await inbox.accept(event("kept", "kept"));
  await inbox.backup!(copy);
  await inbox.close();
  const file = join(folder, "inbox.sqlite");
  const attempts: unknown[] = [];
  await restoreInbox(file, join(copy, "inbox.sqlite"), (path) => {
    const engine = new FileEngine({
      worker: { ...defaultInboxLimits, path },
      startWorker,
      clock: systemClock,
      logger: silentLogger,
    });
    if (path === file) return engine;
    const opened = engine.opened.bind(engine);
    engine.opened = async () => {
      attempts.push(await openInbox({}, defaultInboxLimits, context).catch((error: unknown) => error));
      await opened();
    };
    return engine;
  });
  expect(attempts).toMatchObject([{ code: "INBOX_LOCKED" }]);
  const opened = await openInbox({}, defaultInboxLimits, context);
  expect((await opened.stats()).depth).toBe(1);
  await opened.close();
});

test("a copy replaces an inbox and what a crash left beside it", async () => {
  const folder = temporaryFolder();
  const copy = join(folder, "copy");
  mkdirSync(copy);
  const context = { clock: systemClock, logger: silentLogger, baseDir: folder, stateDir: folder };
  const inbox = await openInbox({}, defaultInboxLimits, context);
  await inbox.accept(event("kept", "kept"));
  await inbox.backup!(copy);
  await inbox.accept(event("later", "later"));
  await inbox.close();
  await openInbox.restore!({}, context, copy);
  const opened = await openInbox({}, defaultInboxLimits, context);
  expect((await opened.stats()).depth).toBe(1);
  expect(await opened.accept(event("later", "later"))).toBe("fresh");
  await opened.close();
});

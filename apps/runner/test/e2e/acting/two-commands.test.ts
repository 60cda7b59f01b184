import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "@statewave-connectors/config";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { openOperations } from "@statewave-connectors/runner/operations";
import { expect, test } from "vitest";

const source = { kind: "notes", name: "main" };

test("a command waits for another one that has the files of a state open, and not for long", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "two-commands-"));
  context.onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const input = { statewave: { url: "stdout:" }, runner: { state: { kind: "file" as const }, state_dir: folder } };
  const resolveFrom = [import.meta.url];
  const { config, connectors } = await parseConfig(input, { baseDir: folder, resolveFrom });
  const opened = () => openOperations({ config, connectors, logger: silentLogger, resolveFrom });

  const first = await opened();
  await first.operations.setCursor(source, "one");
  await first.operations.inboxStats();
  const second = await opened();
  const answers = Promise.all([second.operations.getCursor(source), second.operations.inboxStats()]);
  await first.close();
  expect(await answers).toMatchObject(["one", { depth: 0 }]);

  const third = await opened();
  await expect(third.operations.getCursor(source)).rejects.toMatchObject({ code: "STORE_LOCKED" });
  await expect(third.operations.inboxStats()).rejects.toMatchObject({ code: "INBOX_LOCKED" });
  await third.close();
  await second.close();
});

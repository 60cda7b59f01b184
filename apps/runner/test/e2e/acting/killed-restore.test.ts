import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "@statewave-connectors/config";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { openCursorStore } from "@statewave-connectors/cursor-store-file";
import { openInbox } from "@statewave-connectors/inbox-file";
import { checkBackup, openOperations } from "@statewave-connectors/runner/operations";
import { expect, test } from "vitest";

const source = { kind: "notes", name: "main" };

test("a restore that ends after the inbox and before the cursors leaves a state that is refused until it is restored", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "killed-restore-"));
  context.onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const input = { statewave: { url: "stdout:" }, runner: { state: { kind: "file" as const }, state_dir: folder } };
  const { config, connectors } = await parseConfig(input, { baseDir: folder, resolveFrom: [import.meta.url] });
  const common = { config, connectors, logger: silentLogger, inboxes: { file: openInbox } };
  const options = { ...common, cursorStores: { file: openCursorStore } };
  const opened = async () => openOperations(options);

  const backup = join(folder, "backup");
  const first = await opened();
  await first.operations.setCursor(source, "copied");
  await first.operations.backUp(backup);
  await first.operations.setCursor(source, "later");
  await first.close();

  const restoreEndsWith = async (end: Error) => {
    const restore = () => Promise.reject(end);
    const ending = Object.assign(
      (...request: Parameters<typeof openCursorStore>) => openCursorStore(...request),
      openCursorStore,
      {
        restore,
      },
    );
    return (await checkBackup({ ...common, cursorStores: { file: ending } }, backup)).restore();
  };
  await expect(restoreEndsWith(new Error("it died"))).rejects.toThrow("it died");
  const inUse = new ConnectorsError({ code: "STORE_LOCKED", message: "another process has it open" });
  await expect(restoreEndsWith(inUse)).rejects.toMatchObject({ hint: expect.stringContaining("run `restore` again") });

  const refused = await opened();
  const refusal = { code: "STORE_RESTORE_UNFINISHED", hint: expect.stringContaining(backup) };
  await expect(refused.operations.getCursor(source)).rejects.toMatchObject(refusal);
  await expect(refused.operations.inboxStats()).rejects.toMatchObject(refusal);
  await refused.close();

  const locked = async () => {
    throw new ConnectorsError({ code: "INBOX_LOCKED", message: "another process has it open" });
  };
  const busy = Object.assign((...request: Parameters<typeof openInbox>) => openInbox(...request), openInbox, { restore: locked });
  await expect((await checkBackup({ ...options, inboxes: { file: busy } }, backup)).restore()).rejects.toMatchObject({
    code: "INBOX_LOCKED",
    hint: expect.stringContaining("stop the runner first"),
  });
  const stillRefused = await opened();
  await expect(stillRefused.operations.inboxStats()).rejects.toMatchObject(refusal);
  await stillRefused.close();

  await (await checkBackup(options, backup)).restore();
  const restored = await opened();
  expect(await restored.operations.getCursor(source)).toBe("copied");
  await restored.close();
});

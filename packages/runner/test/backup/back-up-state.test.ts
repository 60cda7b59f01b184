import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { backUpState } from "../../src/backup/back-up-state.ts";

test.skipIf(!existsSync("/proc/self"))("a back-up into a place that takes no folder is refused, and does not hang", async () => {
  const nothing = { backup: async () => [] };
  await expect(backUpState({ store: nothing, inbox: nothing }, "/proc/connectors/backup", 0)).rejects.toMatchObject({
    code: "STORE_BACKUP_FAILED",
    message: expect.stringContaining("/proc/connectors/backup"),
  });
});

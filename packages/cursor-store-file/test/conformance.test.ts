import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeCursorStore } from "@statewave-connectors/testing";
import { afterAll } from "vitest";
import { openFileBackedPullCursorStore } from "../src/index.ts";

const folder = mkdtempSync(join(tmpdir(), "cursor-store-file-"));
afterAll(() => rmSync(folder, { recursive: true }));

describeCursorStore({
  name: "file",
  capabilities: { clock: "injected", persistent: true, shared: false, records: true },
  open: ({ clock }) => openFileBackedPullCursorStore({ path: join(folder, "state", "cursors.json"), clock }),
  reset: () => rmSync(join(folder, "state"), { recursive: true, force: true }),
});

describeCursorStore({
  name: "file, a file for each cursor",
  capabilities: { clock: "injected", persistent: true, shared: false, records: true },
  open: ({ clock }) => openFileBackedPullCursorStore({ path: join(folder, "dir", "cursors.json"), layout: "dir", clock }),
  reset: () => rmSync(join(folder, "dir"), { recursive: true, force: true }),
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { openInbox } from "../src/index.ts";
import { describeInbox } from "@statewave-connectors/testing";
import { afterAll } from "vitest";

const stateDir = mkdtempSync(join(tmpdir(), "inbox-file-"));
afterAll(() => rmSync(stateDir, { recursive: true }));

describeInbox({
  name: "inbox-file",
  capabilities: { clock: "injected", persistent: true, forgetsIds: "at-window" },
  open: ({ storeName, limits, clock }) =>
    openInbox({ path: `${storeName}.sqlite` }, limits, { clock, logger: silentLogger, baseDir: stateDir, stateDir }),
});

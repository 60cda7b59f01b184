import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeConnector } from "@statewave-connectors/testing";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import type { FailedItem } from "@statewave-connectors/connector-sdk";
import { connector } from "../src/index.ts";
import { failingSource } from "./failing-source.ts";

describeConnector({
  connector,
  provider: "none",
  open() {
    const baseDir = mkdtempSync(join(tmpdir(), "markdown-conformance-"));
    const fileOf = (at: number) => join(baseDir, `note-${String(at).padStart(3, "0")}.md`);
    const count = 250;
    // An hour ahead of the files, so that their timestamps count as settled.
    const clock = new FakeClock(Date.now() + 3_600_000);
    for (let at = 0; at < count; at += 1) writeFileSync(fileOf(at), `# Note ${at}\n\nWhat it says.\n`);
    return {
      options: { path: "." },
      baseDir,
      clock,
      maxEpisodesPerPage: 100,
      brokenOptions: { path: "./nowhere" },
      changeLast() {
        writeFileSync(fileOf(count - 1), "# Changed while the walk rests\n\nzyzzyva\n");
        return "zyzzyva";
      },
      async rawItems() {
        const source = failingSource(baseDir, { clock, name: "conformance", isSplit: true, isBroken: () => true });
        const failures: FailedItem[] = [];
        for await (const page of source.pages(undefined, new AbortController().signal)) failures.push(...(page.failures ?? []));
        return failures.map(({ id, raw }) => ({ id, raw }));
      },
      absentId: "gone.md@hash",
      close: () => rmSync(baseDir, { recursive: true }),
    };
  },
});

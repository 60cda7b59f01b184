import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeConnector, FakeClock } from "@statewave-connectors/testing";
import { connector } from "../src/index.ts";

describeConnector({
  connector,
  provider: "none",
  open() {
    const baseDir = mkdtempSync(join(tmpdir(), "markdown-conformance-"));
    const fileOf = (at: number) => join(baseDir, `note-${String(at).padStart(3, "0")}.md`);
    const count = 250;
    for (let at = 0; at < count; at += 1) writeFileSync(fileOf(at), `# Note ${at}\n\nWhat it says.\n`);
    return {
      options: { path: "." },
      baseDir,
      // An hour ahead of the files, so that their timestamps count as settled.
      clock: new FakeClock(Date.now() + 3_600_000),
      maxEpisodesPerPage: 100,
      brokenOptions: { path: "./nowhere" },
      changeLast() {
        writeFileSync(fileOf(count - 1), "# Changed while the walk rests\n\nzyzzyva\n");
        return "zyzzyva";
      },
      close: () => rmSync(baseDir, { recursive: true }),
    };
  },
});

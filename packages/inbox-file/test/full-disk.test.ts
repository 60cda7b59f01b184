import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "./temporary-folder.ts";

const program = fileURLToPath(new URL("./fixtures/filling-process.ts", import.meta.url));
// A limit on file sizes stands in for a full disk; only Linux can lift it again from outside.
const canLimit = process.platform === "linux";

describe.skipIf(!canLimit)("a disk without room (skipped where prlimit is missing: it is of Linux)", () => {
  it("refuses accepts as retryable, keeps what was answered, and takes events again once there is room", () => {
    const node = `exec "${process.execPath}" --conditions=@statewave-connectors/source "${program}" "${temporaryFolder()}"`;
    // In KiB: 8 MiB for each file, the log included.
    const said = execFileSync("bash", ["-c", `ulimit -S -f 8192; ${node}`], { encoding: "utf8" });
    const report = JSON.parse(said) as { readonly accepted: number };
    expect(report).toMatchObject({
      refusal: "INBOX_UNAVAILABLE retryable",
      recovered: "fresh",
      firstAgain: "duplicate",
      depth: report.accepted + 1,
    });
    expect(report.accepted).toBeGreaterThan(10);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeLockHolder, holderIn, lockHolder } from "../../src/host/lock-holder.ts";

const locks = `1: FLOCK  ADVISORY  WRITE 11 fe:00:77 0 EOF
1: -> POSIX  ADVISORY  WRITE 12 fe:00:77 0 EOF
2: POSIX  ADVISORY  READ  13 fd:00:77 0 EOF
3: OFDLCK ADVISORY  READ  -1 fe:00:77 0 EOF
4: POSIX  ADVISORY  WRITE 0 fe:00:77 0 EOF
5: POSIX  ADVISORY  WRITE 14 fe:00:77 1073741824 1073742335
6: POSIX  ADVISORY  WRITE 15 103:1a:8 0 EOF
`;

test.each([
  ["the process with a lock on it", 0xfe00n, 77n, 14],
  ["none for a file of another disk", 0xfc00n, 77n, undefined],
  ["none for a file that is not locked", 0xfe00n, 78n, undefined],
  ["the one on a disk whose numbers are packed", (0x103n << 8n) | 0x1an, 8n, 15],
])("%s is found among the locks of the kernel", (_title, dev, ino, pid) => {
  expect(holderIn(locks, { dev, ino })).toBe(pid);
});

test("a file that no process has locked, and one that is not there, have no holder", () => {
  const folder = mkdtempSync(join(tmpdir(), "lock-holder-"));
  const path = join(folder, "file");
  writeFileSync(path, "");
  expect(lockHolder(path)).toBeUndefined();
  expect(describeLockHolder(path)).toEqual({ by: "another process" });
  rmSync(folder, { recursive: true });
  expect(lockHolder(path)).toBeUndefined();
});

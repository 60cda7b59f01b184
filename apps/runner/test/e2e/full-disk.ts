import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import type { Ending, Workspace } from "./workspace.ts";

/** Puts a file system of its own under the state folder, or answers why it cannot. */
export function mountSmallDisk(workspace: Workspace, { onTestFinished }: Ending): string | undefined {
  const folder = workspace.path("state");
  mkdirSync(folder);
  try {
    shell('mount -t tmpfs -o size=2m tmpfs "$0"', folder);
  } catch (error) {
    return `a small file system cannot be mounted here: ${error instanceof Error ? error.message : String(error)}`;
  }
  onTestFinished(() => shell('umount --lazy "$0"', folder));
  return undefined;
}

function shell(command: string, argument: string): void {
  execFileSync("sh", ["-c", command, argument], { stdio: "pipe" });
}

/** Takes every byte that is left. */
export function fill(file: string): void {
  for (let bytes = 1024 * 1024; bytes >= 512; bytes /= 2) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(bytes), { flag: "a" });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
    }
  }
}

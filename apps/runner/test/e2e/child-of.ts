import { readFileSync } from "node:fs";

/** The one child of a process: of `unshare`, which waits outside, process 1. */
export function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim());
}

import { readFileSync } from "node:fs";

/** The one child of a process: of `unshare`, which waits outside, process 1. */
export function childOf(pid: number): number {
  const child = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim());
  // A signal to 0 would end whatever started the tests.
  if (!Number.isInteger(child) || child <= 0) throw new Error(`the process ${pid} has no child, or several`);
  return child;
}

import { readFileSync, statSync } from "node:fs";
import type { ConnectorsError } from "../contract/errors.ts";

/** A process that has a file locked. */
export interface LockHolder {
  readonly pid: number;
  /** It is stopped, by SIGSTOP for instance, and does nothing until it gets SIGCONT. */
  readonly isPaused: boolean;
}

/**
 * The process that has a file locked, as the kernel of Linux lists it: unlike an id in a file, it is never that of a process that has ended. Undefined on
 * other systems, and where the process belongs to another container or its disk to another machine.
 */
export function lockHolder(path: string): LockHolder | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    const pid = holderIn(readFileSync("/proc/locks", "utf8"), { dev, ino });
    return pid === undefined ? undefined : { pid, isPaused: isPaused(readFileSync(`/proc/${pid}/stat`, "utf8")) };
  } catch {
    return undefined;
  }
}

/** Who has a file locked, as an error says it, and what to do about a process that is paused. */
export function describeLockHolder(
  path: string,
  ownPid = process.pid,
): { readonly by: string; readonly hintWhenPaused?: string } {
  const holder = lockHolder(path);
  if (holder === undefined) return { by: "another process" };
  if (holder.pid === ownPid) return { by: "this process already" };
  const { pid, isPaused: paused } = holder;
  const hintWhenPaused = `resume process ${pid} with \`kill -CONT ${pid}\`, or end it with \`kill -9 ${pid}\`: what it has stored stays`;
  return { by: `process ${pid}${paused ? ", which is paused" : ""}`, ...(paused && { hintWhenPaused }) };
}

/** Whether the hint of an error is the one for a process that is paused: no other one helps then. */
export function namesPausedHolder({ hint = "" }: Pick<ConnectorsError, "hint">): boolean {
  return hint.includes("`kill -CONT ");
}

/** The process whose lock on a file a text like `/proc/locks` has. Those that only wait for a lock are marked with an arrow. */
export function holderIn(locks: string, { dev, ino }: { readonly dev: bigint; readonly ino: bigint }): number | undefined {
  const file = `${hex(majorOf(dev))}:${hex(minorOf(dev))}:${ino}`;
  for (const line of locks.split("\n")) {
    const [, type, , , pid, locked] = line.split(/\s+/);
    if (type === "POSIX" && locked === file && Number(pid) > 0) return Number(pid);
  }
  return undefined;
}

/** The state stands behind the name of the program, which is in brackets and may hold any character. */
function isPaused(stat: string): boolean {
  return /^[Tt] /.test(stat.slice(stat.lastIndexOf(") ") + 2));
}

// The kernel shows both numbers of a device, which `stat` packs into one.
const majorOf = (dev: bigint) => ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
const minorOf = (dev: bigint) => (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
const hex = (number: bigint) => number.toString(16).padStart(2, "0");

import { readFileSync, readlinkSync } from "node:fs";

/** Facts about other processes; undefined where the system does not show them. */
export interface ProcessTable {
  readonly parentOf: (pid: number) => number | undefined;
  /** The command line, in words. */
  readonly wordsOf: (pid: number) => readonly string[] | undefined;
  readonly sessionOf: (pid: number) => number | undefined;
  /** What its standard input is, as a path. */
  readonly stdinOf: (pid: number) => string | undefined;
}

/** A process and the parent that it had at the start. */
export interface ParentLink {
  readonly child: number;
  readonly parent: number;
}

export interface Self {
  readonly pid: number;
  readonly ppid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Enough for npm, sh and some wrappers. */
const longestChain = 8;

/**
 * The processes from this one up to the package manager that started it. npm does not pass SIGTERM on to us, so a broken chain is the
 * request to stop. Undefined when another program started us, or a script that sent us into the background, where we must outlive it.
 */
export function chainToPackageManager({ pid, ppid, env }: Self, table: ProcessTable): readonly ParentLink[] | undefined {
  const isStartedByScript = env["npm_execpath"] !== undefined || env["npm_lifecycle_event"] !== undefined;
  if (!isStartedByScript || ppid <= 1 || isBackgroundScript(env["npm_lifecycle_script"] ?? "")) return undefined;
  const links: ParentLink[] = [{ child: pid, parent: ppid }];
  // Without a table of processes, as on macOS, only our own parent can be watched.
  if (table.wordsOf(ppid) === undefined) return links;
  for (let above = ppid; above > 1 && links.length <= longestChain;) {
    if (isPackageManager(table.wordsOf(above) ?? [])) return isDetached(pid, above, table) ? undefined : links;
    const parent = table.parentOf(above);
    if (parent === undefined) return undefined;
    links.push({ child: above, parent });
    above = parent;
  }
  return undefined;
}

/** Whether a script in between started us in a new session (`setsid`) or in the background, where a shell gives no input. */
function isDetached(pid: number, manager: number, table: ProcessTable): boolean {
  if (table.sessionOf(pid) !== table.sessionOf(manager)) return true;
  return table.stdinOf(pid) === "/dev/null" && table.stdinOf(manager) !== "/dev/null";
}

/** Whether a child of the chain has lost its parent. */
export function isBroken(links: readonly ParentLink[], ownPpid: number, table: ProcessTable): boolean {
  return links.some(({ child, parent }, index) => (index === 0 ? ownPpid : table.parentOf(child)) !== parent);
}

/** Where Linux shows its processes; elsewhere everything is undefined. */
export const procTable: ProcessTable = {
  parentOf: (pid) => statField(pid, 1),
  sessionOf: (pid) => statField(pid, 3),
  stdinOf(pid) {
    try {
      return readlinkSync(`/proc/${pid}/fd/0`);
    } catch {
      return undefined;
    }
  },
  wordsOf: (pid) => read(`/proc/${pid}/cmdline`)?.split(/[\0 ]/),
};

/** A number of `/proc/<pid>/stat`, counted from the state on. The name before the state is in brackets and may contain any character. */
function statField(pid: number, index: number): number | undefined {
  const behindName = read(`/proc/${pid}/stat`)?.split(")").at(-1);
  return behindName === undefined ? undefined : Number(behindName.trim().split(" ")[index]);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

const packageManagers = new Set(["npm", "npx", "pnpm", "pnpx", "yarn", "yarnpkg", "bun", "bunx"]);

/** By its title (`npm run start`) or by the script that Node runs (`node …/npm-cli.js start`). */
function isPackageManager(words: readonly string[]): boolean {
  return words.slice(0, 3).some((word) => {
    const name = word.split("/").at(-1) ?? "";
    return packageManagers.has(name.replace(/\.[cm]?js$/, "").replace(/-cli$/, ""));
  });
}

/** `nohup …`, `setsid …`, or a command followed by a single `&`, but not `&&`, `>&` or `&>`. */
function isBackgroundScript(script: string): boolean {
  return /\b(?:nohup|setsid|daemonize)\b/.test(script) || /(?:^|[^&>])&(?![&>])/.test(script);
}

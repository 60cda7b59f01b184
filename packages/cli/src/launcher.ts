import { readFileSync, readlinkSync } from "node:fs";

/** What can be seen of other processes; undefined where it cannot. */
export interface ProcessTable {
  readonly parentOf: (pid: number) => number | undefined;
  /** The command line, in words. */
  readonly wordsOf: (pid: number) => readonly string[] | undefined;
  readonly sessionOf: (pid: number) => number | undefined;
  /** What its standard input is, as a path. */
  readonly stdinOf: (pid: number) => string | undefined;
}

/** As long as every child still has this parent, whoever started us is there. */
export interface ParentLink {
  readonly child: number;
  readonly parent: number;
}

export interface Self {
  readonly pid: number;
  readonly ppid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** npm, sh, a wrapper or two. */
const longestChain = 8;

/**
 * The chain of processes from this one up to the package manager that started it. npm passes SIGTERM on to the shell it started and not to
 * us, so when the chain breaks, that is our request to stop. Undefined when nothing is to be watched: another program started us, or a
 * script that sent us into the background, where we are meant to outlive it.
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

/** Whether a script on the way put us into a session of our own (`setsid`) or into the background, where a shell gives no input. */
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

/** A number of `/proc/<pid>/stat`, counted from the state on. The name before it stands in brackets and may hold anything. */
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

/** `nohup …`, `setsid …`, or a command with a single `&` behind it; `&&`, `>&` and `&>` are none. */
function isBackgroundScript(script: string): boolean {
  return /\b(?:nohup|setsid|daemonize)\b/.test(script) || /(?:^|[^&>])&(?![&>])/.test(script);
}

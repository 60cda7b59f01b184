import { describe, expect, test } from "vitest";
import { chainToPackageManager, isBroken, type ProcessTable } from "../../src/process/launcher.ts";

interface Process {
  readonly ppid: number;
  readonly command: string;
  readonly session?: number;
  readonly stdin?: string;
}

function tableOf(processes: Readonly<Record<number, Process>>): ProcessTable {
  return {
    parentOf: (pid) => processes[pid]?.ppid,
    wordsOf: (pid) => processes[pid]?.command.split(" "),
    sessionOf: (pid) => processes[pid]?.session ?? 100,
    stdinOf: (pid) => processes[pid]?.stdin ?? "/dev/pts/1",
  };
}

const self = {
  pid: 30,
  ppid: 20,
  env: { npm_execpath: "/usr/lib/npm-cli.js", npm_lifecycle_script: "statewave-connectors run" },
};
const runner = { ppid: 20, command: "node main.js run" };
const underNpm = {
  30: runner,
  20: { ppid: 10, command: "sh -c statewave-connectors run" },
  10: { ppid: 1, command: "npm run start" },
};

describe("a runner under a package manager", () => {
  test.each([
    "npm exec x",
    "npm start",
    "node /usr/lib/node_modules/npm/bin/npx-cli.js x",
    "node /opt/pnpm.cjs start",
    "yarn run start",
  ])("watches every process up to `%s`", (command) => {
    const links = chainToPackageManager(self, tableOf({ ...underNpm, 10: { ppid: 1, command } }));
    expect(links).toEqual([
      { child: 30, parent: 20 },
      { child: 20, parent: 10 },
    ]);
  });

  test("notices when its parent is gone, or its parent's parent", () => {
    const links = chainToPackageManager(self, tableOf(underNpm))!;
    expect(isBroken(links, 20, tableOf(underNpm))).toBe(false);
    expect(isBroken(links, 1, tableOf(underNpm))).toBe(true);
    expect(isBroken(links, 20, tableOf({ ...underNpm, 20: { ppid: 1, command: "sh" } }))).toBe(true);
  });

  test("watches its own parent where processes cannot be seen", () => {
    const blind: ProcessTable = { parentOf: none, wordsOf: none, sessionOf: none, stdinOf: none };
    expect(chainToPackageManager(self, blind)).toEqual([{ child: 30, parent: 20 }]);
  });
});

describe("a runner that is meant to outlive what started it watches nothing", () => {
  test.each(["nohup x run &", "x run > log 2>&1 &", "setsid x run", "a && x run & echo $!"])("in the script `%s`", (script) => {
    const env = { ...self.env, npm_lifecycle_script: script };
    expect(chainToPackageManager({ ...self, env }, tableOf(underNpm))).toBeUndefined();
  });

  test.each(["x run 2>&1", "build && x run", "x run &> log"])("but does in `%s`", (script) => {
    const env = { ...self.env, npm_lifecycle_script: script };
    expect(chainToPackageManager({ ...self, env }, tableOf(underNpm))).toBeDefined();
  });

  test.each([
    ["in a session of its own", { ...runner, session: 30 }],
    ["in the background of a script", { ...runner, stdin: "/dev/null" }],
  ])("%s", (_, started) => {
    expect(chainToPackageManager(self, tableOf({ ...underNpm, 30: started }))).toBeUndefined();
  });

  test("under a process manager that npm started once, under systemd, and without npm", () => {
    const managed = { 30: runner, 20: { ppid: 1, command: "PM2 v6: God Daemon" } };
    expect(chainToPackageManager(self, tableOf(managed))).toBeUndefined();
    expect(chainToPackageManager({ ...self, ppid: 1 }, tableOf({ 1: { ppid: 0, command: "systemd" } }))).toBeUndefined();
    expect(chainToPackageManager({ ...self, env: {} }, tableOf(underNpm))).toBeUndefined();
  });
});

function none(): undefined {
  return undefined;
}

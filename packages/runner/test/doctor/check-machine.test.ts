import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "@statewave-connectors/config";
import { expect, test } from "vitest";
import { judgeClocks } from "../../src/doctor/check-clock.ts";
import { checkMachine, judgeDisk, judgeOpenFiles } from "../../src/checks/check-machine.ts";

const mebibyte = 1024 * 1024;

test.each([
  ["has room", 2_000, 1_000, { ok: true }],
  ["is nearly full", 100, 1_000, { ok: true, isWarning: true }],
  ["is full", 3, 1_000, { ok: false }],
  ["has room and takes no further files", 2_000, 0, { ok: false }],
  ["does not count its files", 2_000, undefined, { ok: true }],
] as const)("a disk that %s is judged", (_, freeMebibytes, freeFiles, expected) => {
  const finding = judgeDisk("/state", { freeBytes: freeMebibytes * mebibyte, freeFiles });
  expect(finding).toMatchObject(expected);
  expect(finding.message).toContain("/state");
});

test.each([
  [1_024, 10, undefined],
  [1_024, 1_000, true],
  [200, 1, true],
])("a limit of %i open files for %i entries is judged", (limit, entries, isWarning) => {
  expect(judgeOpenFiles(limit, entries).isWarning).toBe(isWarning);
});

test("each clock that is off by more than a minute is a warning of its own, and none that agrees is", () => {
  const readings = [
    { of: "the state", aheadMs: 20_000 },
    { of: "api.github.com", aheadMs: -120_000 },
    { of: "slack.com", aheadMs: 3_600_000 },
  ];
  expect(judgeClocks(readings)).toEqual([
    expect.objectContaining({ isWarning: true, message: "the clock of api.github.com is 120 s behind this machine's" }),
    expect.objectContaining({ isWarning: true, message: "the clock of slack.com is 3600 s ahead of this machine's" }),
  ]);
  expect(judgeClocks(readings.slice(0, 1))).toEqual([{ ok: true, message: "this machine agrees with the state" }]);
  expect(judgeClocks([])).toEqual([]);
});

test("the disk of an inbox in files is looked at, wherever the state is", async () => {
  const { config } = await parseConfig({ statewave: { url: "stdout:" } }, {});
  const inbox = { ...config.runner.inbox, livesIn: "files", options: { path: join(tmpdir(), "inbox.sqlite") } } as const;
  const findings = await checkMachine({ ...config, runner: { ...config.runner, stateDir: "/", inbox } });
  expect(findings.map(({ message }) => message)).toContainEqual(expect.stringContaining(`on the disk of ${tmpdir()}`));
});

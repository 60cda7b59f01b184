import { type FakeStatewave, startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { describe, expect, it, type TestContext } from "vitest";
import { until } from "../until.ts";
import { configName, makeWorkspace, type Workspace } from "../workspace.ts";
import { Fleet, type Member } from "./fleet.ts";
import { shortLease } from "./numbers-world.ts";
import { type SharedStore, sharedStores, startStore } from "./shared-store.ts";
import { roundFile } from "./witness/subjects-connector.ts";

/** `E2E_SUBJECTS=10000` takes many minutes: at most 100 subjects begin to be compiled in a second. */
const subjects = Number(process.env["E2E_SUBJECTS"] ?? 400);
const timeoutMs = subjects * 120 + 120_000;
/** Counting what is compiled takes a while. */
const countEveryMs = 500;
const sources = 3;
const quietMs = 4_000;
/** In flight or not yet counted as compiled when a process dies: the next one requests them again, and the server finds nothing. */
const mostRepeated = 50;

async function makeCompileWorkspace(test: TestContext, store: SharedStore, url: string, statewave: FakeStatewave) {
  const workspace = makeWorkspace(test);
  const pulls = Array.from(
    { length: sources },
    (_, index) => `[[pull.subjects]]\nname = "s${index}"\nschedule = "every 1s"\nsubjects = ${subjects}\n`,
  );
  await workspace.write(
    configName,
    `
[statewave]
url = "${statewave.url}"

[statewave.compile]
mode = "after"
quiet = "${quietMs / 1_000}s"
at_most = "1h"

[runner]
host = "127.0.0.1"
port = 0
state_dir = "./state-\${E2E_MEMBER:-0}"

[runner.admin]
listen = "127.0.0.1:0"

[runner.state]
kind = "${store.kind}"
url = "${url}"

[runner.inbox]
kind = "file"

[connectors]
subjects = "./connector.mjs"

${pulls.join("\n")}`,
  );
  const connector = new URL("./witness/subjects-connector.ts", import.meta.url);
  await workspace.write("connector.mjs", `export { connector } from ${JSON.stringify(connector.href)};\n`);
  await workspace.write(roundFile, "0");
  return workspace;
}

/** The process that compiles now, by the lease in the store. */
async function compilingMember(store: SharedStore, url: string, { members }: Fleet): Promise<Member | undefined> {
  const opened = await store.open(url);
  try {
    const { records } = opened;
    if (records === undefined) throw new Error("the store keeps no records");
    const scope = (await records.scopes()).find((name) => name.startsWith("compile/"));
    const lease = scope === undefined ? undefined : await records.get(scope, "lease");
    const { pid } = JSON.parse(lease?.value ?? "{}") as { readonly pid?: number };
    return members.find(({ process }) => process.pid === pid);
  } finally {
    await opened.close();
  }
}

/** In how many quiet windows a subject's episodes arrived: between two there is a rest of `quiet`. */
function windowsOf({ episodes }: FakeStatewave): ReadonlyMap<string, number> {
  const bySubject = Map.groupBy(episodes, ({ subject_id: subject }) => subject);
  return new Map(
    Array.from(bySubject, ([subject, rows]) => {
      const times = rows.map(({ created_at: at }) => Date.parse(at)).toSorted((left, right) => left - right);
      return [subject, 1 + times.slice(1).filter((time, index) => time - (times[index] ?? time) >= quietMs).length];
    }),
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

async function nextRound(workspace: Workspace, statewave: FakeStatewave, round: number): Promise<void> {
  await workspace.write(roundFile, String(round));
  await until(`round ${round} is delivered`, () => statewave.stats().stored === round * sources * subjects, timeoutMs);
}

function compiledAtLeast({ subjects: rows }: FakeStatewave, round: number): number {
  return rows.filter(({ compiled, uncompiled }) => uncompiled === 0 && compiled === round * sources).length;
}

describe.each(sharedStores)(`three processes on one $kind, and ${subjects} subjects that three sources touch`, (store) => {
  const options = { timeout: 6 * timeoutMs };
  it(
    "compile each subject once a quiet window and forget none, although the one that compiles is killed",
    options,
    async (test) => {
      const server = await startStore(test, store);
      const statewave = await startFakeStatewave();
      test.onTestFinished(() => statewave.close());
      const workspace = await makeCompileWorkspace(test, store, server.url, statewave);
      const fleet = new Fleet(test, { workspace, size: 3, ...shortLease });
      await fleet.start();
      await nextRound(workspace, statewave, 1);
      await until("some subjects are compiled", () => compiledAtLeast(statewave, 1) >= subjects / 10, timeoutMs, countEveryMs);
      const victim = await until("a process holds the lease", () => compilingMember(store, server.url, fleet));
      const compiledBefore = compiledAtLeast(statewave, 1);
      await victim.kill();
      await until("every subject is compiled", () => compiledAtLeast(statewave, 1) === subjects, timeoutMs, countEveryMs);
      await nextRound(workspace, statewave, 2);
      await until("every subject is compiled again", () => compiledAtLeast(statewave, 2) === subjects, timeoutMs, countEveryMs);
      await fleet.stop();

      const windows = windowsOf(statewave);
      const tooOften = statewave.subjects.filter(({ subject_id: subject, compiles }) => compiles > (windows.get(subject) ?? 0));
      const compiles = sum(statewave.subjects.map((row) => row.compiles));
      const calls = sum(statewave.subjects.map((row) => row.calls));
      console.log(
        `${store.kind}: ${subjects} subjects, ${compiledBefore} compiled before the kill, ${compiles} compiles, ${calls} calls`,
      );
      expect(statewave.subjects).toHaveLength(subjects);
      expect(tooOften).toEqual([]);
      expect(calls - compiles).toBeLessThanOrEqual(mostRepeated);
    },
  );
});

import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { listActions, recordActionIfKept } from "@statewave-connectors/runner/actions";
import type { Operations } from "@statewave-connectors/runner/operations";
import { describe, expect, it, type TestContext } from "vitest";
import { sharedStores, startStore } from "../several-processes/shared-store.ts";
import { type ActingCommand, actingCommands, type Target } from "./killing/acting-commands.ts";
import { type ActingWorld, openActingWorld } from "./killing/acting-world.ts";
import { DyingProcess } from "./killing/dying-process.ts";

const places = [
  { kind: "file" as const, options: async () => ({}) },
  ...sharedStores.map((store) => ({
    kind: store.kind,
    options: async (test: TestContext) => ({ url: (await startStore(test, store)).url }),
  })),
];

/** As the command line does it: with an entry in the audit log. */
const carryOut = (operations: Operations, command: ActingCommand, target: Target) =>
  recordActionIfKept(
    { records: operations.records },
    { by: { user: "ana@web" }, command: command.name, targets: [target.key ?? target.source.name] },
    async () => ({ result: await command.act(operations, target) }),
  );

/** What a command did that was killed after so many calls, and what the same command did then; undefined when it makes no more. */
async function killAndRepeat(world: ActingWorld, command: ActingCommand, calls: number) {
  const target = await command.prepare(world);
  const process = new DyingProcess(calls);
  const operations = await world.operationsOf(process);
  if ((await process.outlives(carryOut(operations, command, target))) === "done") return undefined;
  const killed = await command.stateOf(world, target);
  await world.expire(target.source, target.key);
  const repeated = await carryOut(world.operations, command, target).then(
    () => "done",
    (error: unknown) => (isConnectorsError(error) ? error.code : String(error)),
  );
  return { killed, repeated, end: await command.stateOf(world, target) };
}

type Found = NonNullable<Awaited<ReturnType<typeof killAndRepeat>>>;

function isRight({ killed, repeated, end }: Found, { between, refusal }: ActingCommand): boolean {
  const isWhole = killed === "before" || killed === "after" || killed === between;
  return end === "after" && isWhole && (repeated === "done" || (killed === "after" && repeated === refusal));
}

describe.each(places)("on $kind", ({ kind, options }) => {
  it("a command that is killed at any of its calls did all or nothing, or is completed by the next one", async (test) => {
    const world = await openActingWorld(kind, await options(test));
    const wrong: string[] = [];
    for (const command of actingCommands) {
      let calls = 1;
      for (;;) {
        const found = await killAndRepeat(world, command, calls);
        if (found === undefined) break;
        if (!isRight(found, command)) wrong.push(`${command.name} killed after ${calls} calls: ${JSON.stringify(found)}`);
        calls += 1;
      }
      // It writes the audit log before and after what it does itself.
      if (calls < 4) wrong.push(`${command.name} makes only ${calls - 1} calls`);
    }
    expect(wrong).toEqual([]);
    const outcomes = new Set((await listActions(world.records)).map(({ outcome }) => outcome));
    expect(outcomes).toContain("begun");
    expect(outcomes).toContain("done");
  });

  it("a command has the same effect through a running process as on a stopped one", async (test) => {
    const world = await openActingWorld(kind, await options(test));
    const running = await world.startRunner();
    expect(await running.health()).toBeDefined();
    const wrong: string[] = [];
    for (const command of actingCommands) {
      for (const operations of [world.operations, running]) {
        const target = await command.prepare(world);
        const before = await command.stateOf(world, target);
        await carryOut(operations, command, target);
        const after = await command.stateOf(world, target);
        if (before !== "before" || after !== "after") wrong.push(`${command.name}: ${before}, ${after}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("of a command that two operators give at once, one is carried out, and the other is refused or changes nothing more", async (test) => {
    const world = await openActingWorld(kind, await options(test));
    const wrong: string[] = [];
    for (const command of actingCommands) {
      const target = await command.prepare(world);
      const processes = [new DyingProcess(), new DyingProcess()];
      const both = await Promise.all(processes.map((process) => world.operationsOf(process)));
      const ends = await Promise.allSettled(both.map((operations) => carryOut(operations, command, target)));
      const refusals = ends.flatMap((end) => (end.status === "rejected" ? [end.reason as unknown] : []));
      const areClear = refusals.every(
        (error) => isConnectorsError(error) && ["STORE_IN_USE", command.refusal].includes(error.code),
      );
      const state = await command.stateOf(world, target);
      if (refusals.length === 2 || !areClear || state !== "after")
        wrong.push(`${command.name}: ${state}, ${JSON.stringify(refusals.map(String))}`);
    }
    expect(wrong).toEqual([]);
  });
});

import { setTimeout as pause } from "node:timers/promises";
import { noViolations } from "@statewave-connectors/chaos/witness";
import { describe, expect, it } from "vitest";
import { balanced } from "../ledger.ts";
import { until } from "../until.ts";
import { Fleet } from "./fleet.ts";
import { makeNumbersWorld, type NumbersWorld, shortLease } from "./numbers-world.ts";
import { sharedStores, startStore } from "./shared-store.ts";

const sources = 10;
/**
 * Of an interval of 1 s: the due that was running when its process got the signal, and what a busy machine adds. A run that waited for the
 * lease of the process that went would wait for as long as that lives.
 */
const longestGapMs = 25_000;
const longLease = { ...shortLease, env: { ...shortLease.env, E2E_LEASE_TTL_MS: "30000" } };

/** A balancer and its provider: tries one process after the other until one takes the webhook. Answers how often it was refused. */
async function sendUntilTaken({ slack }: NumbersWorld, fleet: Fleet, marker: string): Promise<number> {
  for (let tries = 0; ; tries += 1) {
    const listening = fleet.members.flatMap(({ url }) => (url === undefined ? [] : [url]));
    const status = await slack.send(listening[tries % listening.length] ?? "http://127.0.0.1:1", marker);
    if (status !== undefined && status < 300) return tries;
    await pause(20);
  }
}

/** A steady stream until `isOver`; answers the most tries that one webhook took. */
async function stream(world: NumbersWorld, fleet: Fleet, isOver: () => boolean): Promise<number> {
  const sent: Promise<number>[] = [];
  while (!isOver()) {
    for (const marker of world.slack.declare(4)) sent.push(sendUntilTaken(world, fleet, marker));
    await pause(25);
  }
  return Math.max(...(await Promise.all(sent)));
}

/** The longest time between two finished runs of one source. */
function longestGap(world: NumbersWorld): number {
  const finished = world.lines.filter((line) => line.step === "release-answered" && line.done && line.held === true);
  const gaps = [...Map.groupBy(finished, ({ source }) => source).values()].flatMap((lines) => {
    const times = lines.map(({ atMs }) => atMs).toSorted((a, b) => a - b);
    return times.slice(1).map((time, index) => time - times[index]!);
  });
  return Math.max(...gaps);
}

describe.each(sharedStores)("a process on $kind that is replaced by a new one", (store) => {
  it("leaves no gap: every webhook is taken at once or at the next try and arrives, and no source waits", async (test) => {
    const server = await startStore(test, store);
    const world = await makeNumbersWorld(test, { store, url: server.url, sources, inbox: "shared" });
    const fleet = new Fleet(test, { workspace: world.workspace, size: 2, ...longLease });
    const [one, other] = [fleet.members[0]!, fleet.members[1]!];
    await one.start();
    let isOver = false;
    const streaming = stream(world, fleet, () => isOver);
    await until("every source has ticked", async () => (await world.cursors()).size === sources);
    for (const [old, fresh] of [
      [one, other],
      [other, one],
    ] as const) {
      await fresh.start();
      await old.stop();
      await pause(1_500);
    }
    isOver = true;
    const mostTries = await streaming;
    await until("every webhook has arrived", () => world.account(new Map()).missing.length === 0);
    const endMs = Date.now();
    await fleet.stop();
    expect(world.slack.acknowledged.size).toBe(world.slack.declared.length);
    expect(world.account(await world.cursors())).toEqual(balanced);
    expect(await world.violations(fleet.disturbances, endMs, 30_000)).toEqual(noViolations);
    expect(longestGap(world)).toBeLessThan(longestGapMs);
    console.log(`${store.kind}: ${world.slack.acknowledged.size} webhooks, at most ${mostTries} refusals for one`);
    // One connection that is cut, one answer by the process that stops; the next try reaches the other.
    expect(mostTries).toBeLessThanOrEqual(3);
  });
});

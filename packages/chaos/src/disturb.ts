import { setTimeout as pause } from "node:timers/promises";
import type { Fleet, Member } from "./fleet.ts";
import type { CuttableProxy } from "./network/cuttable-proxy.ts";
import type { Disturbance, PlannedDisturbance, SinkFault } from "./plan-disturbances.ts";
import type { Child } from "./processes/child.ts";
import type { DisturbanceCounts } from "./report.ts";

export interface DisturbedParts {
  readonly fleet: Fleet<Child>;
  /** Undefined: there is no way to stand in front of the store. */
  readonly storeProxy: CuttableProxy | undefined;
  readonly sinkProxy: CuttableProxy;
  /** Where the fake Statewave itself listens. */
  readonly sinkUrl: string;
  /** Called with each disturbance, in a few words. */
  readonly onDisturbance: (text: string) => void;
}

type Counts = { -readonly [Name in keyof DisturbanceCounts]: number };

const lookEveryMs = 50;

/** Does what a plan says to the processes of a trial and to what surrounds them, and counts it. */
export class Disturber {
  readonly counts: Counts = { kills: 0, pauses: 0, clockSteps: 0, storeOutages: 0, sinkOutages: 0, sinkFaults: 0 };
  readonly #surroundings: DisturbedParts;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(surroundings: DisturbedParts) {
    this.#surroundings = surroundings;
  }

  /** Follows the plan until the signal aborts; then mends everything and waits for what is under way. */
  async follow(plan: Iterable<PlannedDisturbance>, signal: AbortSignal): Promise<void> {
    for (const { waitMs, disturbance } of plan) {
      await pause(waitMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) break;
      await this.#act(disturbance, signal);
    }
    await Promise.all(this.#underWay);
    await this.#setFaults([]);
  }

  async #act(disturbance: Disturbance, signal: AbortSignal): Promise<void> {
    const { onDisturbance, sinkProxy, storeProxy, fleet } = this.#surroundings;
    switch (disturbance.type) {
      case "kill":
        return this.#onVictim(disturbance.victim, signal, (member, who) => {
          this.counts.kills += 1;
          onDisturbance(`killed ${who}`);
          this.#begin(member.kill());
        });
      case "pause":
        return this.#onVictim(disturbance.victim, signal, (member, who) => {
          this.counts.pauses += 1;
          onDisturbance(`stopped ${who} for ${seconds(disturbance.forMs)}`);
          this.#begin(member.pauseFor(disturbance.forMs));
        });
      case "wrong-clock":
        return this.#onVictim(disturbance.victim, signal, ({ process: child }, who) => {
          const { byMs, forMs } = disturbance;
          this.counts.clockSteps += 1;
          onDisturbance(
            `the clock of ${who} is ${seconds(Math.abs(byMs))} ${byMs < 0 ? "behind" : "ahead"} for ${seconds(forMs)}`,
          );
          child.send({ type: "set-clock", aheadMs: byMs });
          this.#begin(pause(forMs).then(() => child.send({ type: "set-clock", aheadMs: 0 })));
        });
      case "sink-fault":
        this.counts.sinkFaults += 1;
        onDisturbance(`Statewave: ${faultTexts[disturbance.fault]}, ${disturbance.times} times`);
        return this.#setFaults([{ ...faults[disturbance.fault], times: disturbance.times }]);
      case "sink-outage":
        this.counts.sinkOutages += 1;
        onDisturbance(`Statewave ${outageText(disturbance)}`);
        return this.#outage(sinkProxy, disturbance, signal);
      case "store-outage": {
        if (storeProxy === undefined) return undefined;
        this.counts.storeOutages += 1;
        onDisturbance(`the store ${outageText(disturbance)}`);
        const fromMs = Date.now();
        await this.#outage(storeProxy, disturbance, signal);
        fleet.disturbances.outages.push({ fromMs, toMs: Date.now() });
        return undefined;
      }
    }
  }

  /** One process at least is left in peace at any time, where there are several. Waits until one can be chosen. */
  async #onVictim(pick: number, signal: AbortSignal, act: (member: Member<Child>, who: string) => void): Promise<void> {
    const { fleet } = this.#surroundings;
    const { members } = fleet;
    const least = Math.min(2, members.length);
    while (fleet.healthy.length < least && !signal.aborted)
      await pause(lookEveryMs, undefined, { signal }).catch(() => undefined);
    const member = fleet.healthy[Math.floor(pick * fleet.healthy.length)];
    if (member === undefined || signal.aborted) return;
    act(member, members.length === 1 ? "the process" : `process ${members.indexOf(member) + 1}`);
  }

  async #outage(proxy: CuttableProxy, { isSilent, forMs }: { isSilent: boolean; forMs: number }, signal: AbortSignal) {
    if (isSilent) proxy.silence();
    else proxy.cut();
    await pause(forMs, undefined, { signal }).catch(() => undefined);
    proxy.mend();
  }

  async #setFaults(list: readonly object[]): Promise<void> {
    await fetch(`${this.#surroundings.sinkUrl}/_fake/faults`, { method: "POST", body: JSON.stringify(list) });
  }

  #begin(work: Promise<unknown>): void {
    const settled = work.catch(() => undefined).finally(() => this.#underWay.delete(settled));
    this.#underWay.add(settled);
  }
}

const faults: Readonly<Record<SinkFault, object>> = {
  unavailable: { type: "status", status: 503 },
  reset: { type: "reset" },
  "stored-error": { type: "stored_error" },
  "lost-reply": { type: "lost_reply" },
};

const faultTexts: Readonly<Record<SinkFault, string>> = {
  unavailable: "answers 503",
  reset: "cuts the connection before it stores",
  "stored-error": "stores, then answers 500",
  "lost-reply": "stores, then cuts the connection",
};

function outageText({ isSilent, forMs }: { readonly isSilent: boolean; readonly forMs: number }): string {
  return `${isSilent ? "answers nothing" : "is unreachable"} for ${seconds(forMs)}`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

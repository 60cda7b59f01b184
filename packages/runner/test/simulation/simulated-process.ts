import type { Clock } from "@statewave-connectors/connector-sdk";
import type { VirtualTime } from "./virtual-time.ts";

/** A server that processes call: it may be unreachable, and each call takes its time both ways. */
export interface SimulatedServer {
  isDown: boolean;
  /** Of one message. */
  delayMs(): number;
  /** What happens to a call: it never arrives, it is carried out and its answer is lost, or neither. */
  loss(): "request" | "answer" | "none";
  /** What a caller gets that has no answer in time. */
  unanswered(): Error;
}

/** A caller gives up after so long. */
const answerWithinMs = 5_000;

/** The life of one process: its timers and answers wait while it is stopped, and never come once it is killed. */
export class SimulatedProcess {
  readonly clock: Clock;
  readonly #time: VirtualTime;
  #isAlive = true;
  #isStopped = false;
  /** When it was last let run again. */
  resumedAtMs = Number.NEGATIVE_INFINITY;
  readonly #held: (() => void)[] = [];

  /** `skewMs`: how wrong its clock is. */
  constructor(time: VirtualTime, skewMs: number) {
    this.#time = time;
    const startedAtMs = time.nowMs;
    this.clock = {
      now: () => time.nowMs + skewMs,
      elapsed: () => time.nowMs - startedAtMs,
      after: (delayMs, callback) => time.after(delayMs, () => this.#resume(callback)),
    };
  }

  get isRunning(): boolean {
    return this.#isAlive && !this.#isStopped;
  }

  kill(): void {
    this.#isAlive = false;
    this.#held.length = 0;
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** What waited meanwhile happens now, as far as it does not stop the process again. */
  continue(): void {
    this.#isStopped = false;
    this.resumedAtMs = this.#time.nowMs;
    for (const callback of this.#held.splice(0)) this.#time.after(0, () => this.#resume(callback));
  }

  /** Calls a server. What was carried out stays so, whatever becomes of this process and of the answer. */
  call<Value>(server: SimulatedServer, carryOut: () => Promise<Value>): Promise<Value> {
    // A process that is no more calls nothing, and gets no answer.
    if (!this.#isAlive) return new Promise(() => undefined);
    const { promise, resolve, reject } = Promise.withResolvers<Value>();
    const loss = server.loss();
    const giveUp = this.clock.after(answerWithinMs, () => reject(server.unanswered()));
    const answer = (give: () => void) => {
      if (loss === "answer") return;
      this.#time.after(server.delayMs(), () => {
        this.#resume(() => {
          giveUp();
          give();
        });
      });
    };
    this.#time.after(server.delayMs(), () => {
      if (loss === "request" || server.isDown) return;
      carryOut().then(
        (value) => answer(() => resolve(value)),
        (error: unknown) => answer(() => reject(error)),
      );
    });
    return promise;
  }

  #resume(callback: () => void): void {
    if (!this.#isAlive) return;
    if (this.#isStopped) this.#held.push(callback);
    else callback();
  }
}

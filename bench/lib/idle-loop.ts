import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A process that does nothing but measure its event loop: what it is held up by is the machine. */
export class IdleLoop {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(resolutionMs: number): Promise<IdleLoop> {
    const child = fork(fileURLToPath(new URL("../processes/idle-loop.ts", import.meta.url)), [String(resolutionMs)]);
    await once(child, "message");
    return new IdleLoop(child);
  }

  /** The longest time since the last call for which its event loop did not turn. */
  async heldMs(): Promise<number> {
    const answer = once(this.#child, "message");
    this.#child.send("held");
    const [heldMs] = (await answer) as [number];
    return heldMs;
  }

  stop(): void {
    this.#child.disconnect();
  }
}

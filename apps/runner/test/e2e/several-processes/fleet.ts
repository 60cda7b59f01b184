import { Fleet as AnyFleet, type Member as AnyMember } from "@statewave-connectors/chaos/witness";
import type { RunnerProcess } from "../runner-process.ts";
import type { Ending, Workspace } from "../workspace.ts";

export interface FleetOptions {
  readonly workspace: Workspace;
  readonly size: number;
  readonly program?: URL;
  readonly env?: Readonly<Record<string, string>>;
  /** For the first member only. */
  readonly envOfFirst?: Readonly<Record<string, string>>;
}

export type Member = AnyMember<RunnerProcess>;

/** Several processes on the configuration of a workspace, which kills what still runs when the test ends. */
export class Fleet extends AnyFleet<RunnerProcess> {
  constructor(ending: Ending, { workspace, size, program, env, envOfFirst }: FleetOptions) {
    const launch = (index: number) => {
      const ownEnv = { ...env, ...(index === 0 ? envOfFirst : {}), E2E_MEMBER: String(index) };
      return workspace.launch(["run"], ownEnv, program);
    };
    super({ size, launch });
    ending.onTestFinished(() => this.abandon());
  }

  /** Throws when one did not end. */
  override async stop(): Promise<readonly string[]> {
    const unstopped = await super.stop();
    if (unstopped.length > 0) throw new Error(unstopped.join("; "));
    return unstopped;
  }
}

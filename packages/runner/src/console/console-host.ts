import type { Clock, Logger, Secret, SourceKey } from "@statewave-connectors/connector-sdk";
import type { OperatorAction, RecordedAction } from "../actions/recorded-action.ts";
import type { ActionResult } from "../actions/record-action.ts";
import type { Operations } from "../control/operations/operations.ts";
import type { TokenVerdict } from "../http/token-gate.ts";
import type { PauseAction, PauseChange } from "../pauses/pause-entries.ts";
import type { RunAccount } from "../runs/run-account.ts";
import type { StatusReport } from "../status/status-report.ts";
import type { Activity } from "./activity.ts";

/** The operations that the page offers: the same as those of the control socket, with secrets masked in what they show. */
export type ConsoleOperations = Pick<
  Operations,
  | "listQueued"
  | "getQueued"
  | "listDeadLetters"
  | "getDeadLetter"
  | "retryDeadLetters"
  | "discardDeadLetters"
  | "listBackfills"
  | "cancelBackfill"
>;

/** What a page for operators is made from. */
export interface ConsoleHost {
  /** Of the runner. */
  readonly version: string;
  /** What a visitor has to know; it may change. Undefined: everyone who reaches the address may visit. */
  readonly token: Secret | undefined;
  /** Compares a token that was sent from an address. */
  checkToken(sent: string, peer: string): TokenVerdict;
  /** Whether visitors may see what was received, and act. */
  readonly allowActions: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What this process did lately. */
  readonly activity: Pick<Activity, "read">;
  readonly operations: ConsoleOperations;
  readStatus(): Promise<StatusReport>;
  listRuns(source: SourceKey): Promise<readonly RunAccount[]>;
  /** The audit log, the latest first. */
  listActions(limit: number): Promise<readonly RecordedAction[]>;
  /** Pauses entries, or ends their pauses, and keeps that in the audit log. Throws what kept one from being changed. */
  changePauses(
    act: "pause" | "resume",
    action: Omit<PauseAction, "by"> & { readonly visitor: string },
  ): Promise<readonly PauseChange[]>;
  /** Carries out an action and keeps it in the audit log. `visitor` is how the visitor wants to be named. */
  act<Result>(
    action: Omit<OperatorAction, "by"> & { readonly visitor: string },
    carryOut: () => Promise<ActionResult<Result>>,
  ): Promise<Result>;
}

/** The page: answers every request at and below `/console`. The server has checked that the request names it as its host, and nothing else. `peer`: the sender's address. */
export type Console = (request: Request, peer: string) => Promise<Response>;

/** What the package `@statewave-connectors/console` exports as `openConsole`. */
export type OpenConsole = (host: ConsoleHost) => Console;

import { ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { OpenedPull } from "./opened-pull.ts";
import { planAfterStep, type SourcePlan } from "./plan-after-step.ts";
import { planClaim, type PlannedClaim, type Postponement, postponed } from "./planned-claim.ts";
import type { Progress } from "./progress.ts";
import type { RunOutcome } from "./run-pull.ts";

/** Where a source is between its schedule and its run. */
export type Stage = "idle" | "queued" | "claiming" | "running";

/** How a run is requested. */
export interface RunRequest {
  /** The callback that follows it. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** A program is refused while the provider wants no request, or an operator has paused the source. */
  readonly by: "person" | "program";
  /** Called when the run begins: the parts that it is to read first. */
  readonly takeParts?: (() => Iterable<string>) | undefined;
}

/** A run that was requested. */
export interface RequestedRun extends PromiseWithResolvers<RunOutcome>, RunRequest {}

/**
 * A pull source between its schedule and its run. It has one owner of its state, this class: the calendar meets its dues, the lease queue
 * moves it to `queued` and `claiming`, the scheduler to `running` and back to `idle`. A step that may not follow throws `PULL_STAGE_WRONG`.
 */
export class ScheduledSource {
  #pull: OpenedPull;
  #stage: Stage = "idle";
  #nextDueMs: number | undefined;
  #claim: PlannedClaim | undefined;
  #finishedDueMs: number | undefined;
  #failures = 0;
  #isSuspect = false;
  #isUnfinished = false;
  #providerPause: ConnectorsError | undefined;
  #isPaused = false;
  #owesRun = false;
  #isEndingForReload = false;
  #hasRestToRead = false;
  #requests: RequestedRun[] = [];

  constructor(pull: OpenedPull) {
    this.#pull = pull;
  }

  /** The entry, as it is opened now. */
  get pull(): OpenedPull {
    return this.#pull;
  }

  get stage(): Stage {
    return this.#stage;
  }

  /** Undefined: its schedule holds no further due. */
  get nextDueMs(): number | undefined {
    return this.#nextDueMs;
  }

  /** The due to be claimed next, or the one that is being claimed. */
  get claim(): PlannedClaim | undefined {
    return this.#claim;
  }

  /** The last finished due, as far as this process knows. */
  get finishedDueMs(): number | undefined {
    return this.#finishedDueMs;
  }

  /** Runs that failed in a row. */
  get failures(): number {
    return this.#failures;
  }

  /** Whether the last run ended because its mapping is broken. */
  get isSuspect(): boolean {
    return this.#isSuspect;
  }

  /** Whether it is on its way to a run, or its last run ended before the source was read to its end. */
  get isUnfinished(): boolean {
    return this.#stage !== "idle" || this.#isUnfinished;
  }

  /** Whether a run is requested that has not begun. */
  get isRequested(): boolean {
    return this.#requests.length > 0;
  }

  /** Whether an operator has paused it: nothing is claimed for it but what a person requests. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Whether a program requested a run while it was paused. */
  get owesRun(): boolean {
    return this.#owesRun;
  }

  /** Whether its run is to end at the next page, because a reload changes or removes it. */
  get isEndingForReload(): boolean {
    return this.#isEndingForReload;
  }

  /** Whether its last run failed, or was cut short by a reload: with other options, the rest is read at once. */
  get hasRestToRead(): boolean {
    return this.#hasRestToRead;
  }

  /** When something is to be done for it next; infinite: never. */
  get nextMomentMs(): number {
    const claimAtMs = this.#stage === "idle" && !this.#isPaused ? this.#claim?.atMs : undefined;
    return Math.min(claimAtMs ?? Number.POSITIVE_INFINITY, this.#nextDueMs ?? Number.POSITIVE_INFINITY);
  }

  /** Whether the time of its claim has come. */
  isClaimable(nowMs: number): boolean {
    return this.#stage === "idle" && !this.#isPaused && this.#claim !== undefined && this.#claim.atMs <= nowMs;
  }

  /** Its schedule begins. */
  arm({ nextDueMs, claim }: SourcePlan, finishedDueMs: number | undefined): void {
    this.#finishedDueMs = finishedDueMs;
    this.#nextDueMs = nextDueMs;
    this.#claim = claim;
  }

  /** A reload changes or removes it: a run under way ends at its next page. */
  endForReload(): void {
    this.#isEndingForReload = true;
  }

  /** It continues with other options: what was wrong with the former ones does not count. Undefined: it is never due again. */
  replaceWith(pull: OpenedPull | undefined, nextDueMs?: number): void {
    this.#isEndingForReload = false;
    this.#providerPause = undefined;
    this.#failures = 0;
    this.#isSuspect = false;
    this.#nextDueMs = nextDueMs;
    if (pull === undefined || pull.entry.dryRun) this.#claim = undefined;
    if (pull !== undefined) this.#pull = pull;
  }

  /**
   * A due has come. `skipped`: the run before it is not over. `replaced`: it takes the place of a due that is still queued. `paused`: it waits
   * until the source is resumed, unless dues that no process could run are not made up for.
   */
  meetDue(dueMs: number, nextDueMs: number | undefined, nowMs: number): "planned" | "replaced" | "skipped" | "paused" {
    this.#nextDueMs = nextDueMs;
    if (this.#stage === "running") return "skipped";
    if (this.#isPaused) {
      if (this.#pull.entry.catchUp === "once") this.#claim = planClaim({ dueMs, nowMs, isCatchUp: true });
      return "paused";
    }
    const isReplaced = this.#stage === "queued" && this.#claim !== undefined;
    this.#claim = planClaim({ dueMs, nowMs });
    return isReplaced ? "replaced" : "planned";
  }

  /** The clock was set by `byMs`, back if negative. */
  clockSet(nowMs: number, byMs: number): void {
    const isIdle = this.#stage === "idle";
    const { nextDueMs, claim, finishedDueMs } = this;
    const { schedule } = this.#pull.entry;
    const plan = planAfterStep({ schedule, nextDueMs, claim, finishedDueMs, isIdle }, nowMs, byMs);
    this.#nextDueMs = plan.nextDueMs;
    this.#claim = plan.claim;
  }

  /** The store has this as its last finished due. */
  learnFinished(dueMs: number | undefined): void {
    this.#finishedDueMs = dueMs;
  }

  /** Resolves with the outcome of a run that begins after this call. */
  request(request: RunRequest): Promise<RunOutcome> {
    const run = Promise.withResolvers<RunOutcome>();
    this.#requests.push({ ...run, ...request });
    return run.promise;
  }

  /** An operator paused it, or resumed it. `error` is for the requests of programs that wait. */
  setPaused(isPaused: boolean, error: ConnectorsError): void {
    this.#isPaused = isPaused;
    if (isPaused) this.#refusePrograms(error);
    else this.#owesRun = false;
  }

  /** A program requested a run while it is paused: one is owed. */
  oweRun(): void {
    this.#owesRun = true;
  }

  /** The error of the last run, where the provider wants no request before a time that is not over. */
  providerPauseAt(nowMs: number): ConnectorsError | undefined {
    return (this.#providerPause?.retryAtMs ?? 0) > nowMs ? this.#providerPause : undefined;
  }

  refuseRequests(error: unknown): void {
    for (const { reject } of this.#takeRequests()) reject(error);
  }

  /** `idle` → `queued`. False when it is not idle: then it is known already that it needs a run. */
  enqueue(): boolean {
    if (this.#stage !== "idle") return false;
    this.#stage = "queued";
    return true;
  }

  /** `queued` → `claiming`. */
  beginClaim(): void {
    this.#move(["queued"], "claiming");
  }

  /** `claiming` → `queued`: there was no slot for it. */
  putBack(): void {
    this.#move(["claiming"], "queued");
  }

  /** `claiming` → `running`. Returns the requests that this run answers. */
  beginRun(): readonly RequestedRun[] {
    this.#move(["claiming"], "running");
    return this.#takeRequests();
  }

  /** `claiming` or `running` → `idle`. */
  becomeIdle(): void {
    this.#move(["claiming", "running"], "idle");
  }

  /** `claim` is granted, or finished elsewhere. A newer due that has come meanwhile is still to be claimed. */
  settleClaim(claim: PlannedClaim | undefined): void {
    if (this.#claim === claim) this.#claim = undefined;
  }

  postponeClaim(postponement: Postponement): void {
    if (this.#claim !== undefined) this.#claim = postponed(this.#claim, postponement);
  }

  /** What a run left unread is claimed again, unless a due has come meanwhile. */
  claimRemainder(claim: PlannedClaim): void {
    this.#claim ??= claim;
  }

  /** Its run has ended. A lost lease and a stop are no failures of the source. */
  runEnded(outcome: RunOutcome, isStopping: boolean): void {
    this.#isUnfinished = outcome.type !== "done";
    this.#hasRestToRead = outcome.type === "failed" || (outcome.type === "partial" && outcome.reason === "reloaded");
    this.#providerPause = providerPauseOf(outcome);
    if (this.#providerPause !== undefined) this.#refusePrograms(this.#providerPause);
    this.#isSuspect = outcome.type === "failed" && isConnectorsError(outcome.error, "PULL_MAPPING_BROKEN");
    if (outcome.type === "done") this.#failures = 0;
    if (outcome.type !== "failed" || isStopping || isConnectorsError(outcome.error, "STORE_LEASE_LOST")) return;
    this.#failures += 1;
  }

  /** The store has noted that the due of the run is finished; undefined: the run had none. */
  dueFinished(dueMs: number | undefined): void {
    this.#finishedDueMs = dueMs ?? this.#finishedDueMs;
  }

  /** Requests of persons stay. */
  #refusePrograms(error: ConnectorsError): void {
    const requests = this.#takeRequests();
    this.#requests = requests.filter(({ by }) => by === "person");
    for (const { by, reject } of requests) {
      if (by === "person") continue;
      this.#owesRun ||= this.#isPaused;
      reject(error);
    }
  }

  #takeRequests(): readonly RequestedRun[] {
    const requests = this.#requests;
    this.#requests = [];
    return requests;
  }

  #move(from: readonly Stage[], to: Stage): void {
    if (!from.includes(this.#stage)) throw wrongStep(this.#pull, this.#stage, to);
    this.#stage = to;
  }
}

/** Of an error that names parts the others may be read. */
function providerPauseOf(outcome: RunOutcome): ConnectorsError | undefined {
  if (outcome.type !== "failed" || !isConnectorsError(outcome.error)) return undefined;
  return outcome.error.retryAtMs !== undefined && outcome.error.failedParts === undefined ? outcome.error : undefined;
}

function wrongStep({ key }: OpenedPull, from: Stage, to: Stage): ConnectorsError {
  return new ConnectorsError({
    code: "PULL_STAGE_WRONG",
    message: `${formatSourceKey(key)} cannot go from ${from} to ${to}`,
    hint: "report this with the log before it: it is a defect of the runner",
  });
}

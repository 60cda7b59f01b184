import type { Logger } from "@statewave-connectors/connector-sdk";
import type { SubjectOutcome } from "./compile-subject.ts";

const firstRestMs = 10_000;
const longestRestMs = 10 * 60_000;
/** So many failures in a row are the server's. */
const mostInARow = 5;

/** Decides from how subjects end whether the server compiles at all, and reports it once. */
export class CompileTrouble {
  readonly #logger: Logger;
  #inARow = 0;
  #unavailable: Extract<SubjectOutcome, { readonly type: "unavailable" }> | undefined;
  /** Whether it is so for a subject that had not failed before. */
  #isUnavailableAnew = false;
  #failures = 0;
  #refusals = 0;
  #reason = "";
  /** Rounds in a row that could not be ended. */
  #badRounds = 0;
  #reported: string | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Whether no further subject makes sense for now. */
  get endsRound(): boolean {
    return this.#unavailable !== undefined || this.#inARow >= mostInARow;
  }

  /** How long nothing is to be compiled. */
  get restMs(): number {
    return this.#badRounds === 0 ? 0 : Math.min(longestRestMs, firstRestMs * 2 ** (this.#badRounds - 1));
  }

  roundBegins(): void {
    this.#unavailable = undefined;
    this.#isUnavailableAnew = false;
    // One more of them shows that nothing has changed.
    this.#inARow = Math.min(this.#inARow, mostInARow - 1);
    this.#failures = 0;
    this.#refusals = 0;
  }

  /** `isRetry`: the subject had failed before, and waits by itself: alone it says little about the server. */
  ended(outcome: SubjectOutcome, isRetry: boolean): void {
    if (outcome.type === "done" || outcome.type === "more") {
      this.#inARow = 0;
      return;
    }
    this.#reason = outcome.reason;
    if (outcome.type === "unavailable") {
      this.#unavailable = outcome;
      this.#isUnavailableAnew ||= !isRetry;
    }
    if (outcome.type === "refused") this.#refusals += 1;
    if (outcome.type === "failed") {
      this.#failures += 1;
      this.#inARow += 1;
    }
  }

  /** `left`: the subjects of the round that wait for the next one. */
  roundEnds(left: number): void {
    const isWorse = this.#isUnavailableAnew || this.#inARow >= mostInARow;
    this.#badRounds = this.endsRound ? Math.max(1, this.#badRounds + Number(isWorse)) : 0;
    if (this.#failures > 0)
      this.#logger.warn("subjects could not be compiled and are tried again later", {
        subjects: this.#failures,
        reason: this.#reason,
      });
    if (this.#refusals > 0)
      this.#logger.warn("Statewave refuses to compile subjects: they are left out", {
        subjects: this.#refusals,
        reason: this.#reason,
      });
    this.#reportAvailability(left);
  }

  #reportAvailability(left: number): void {
    const { reason, hint } = this.#unavailable ?? {};
    if (reason === this.#reported) return;
    this.#reported = reason;
    if (reason === undefined) this.#logger.info("Statewave compiles again");
    else this.#logger.warn("Statewave compiles nothing for now", { reason, hint, subjects: left, retry_in_ms: this.restMs });
  }
}

/** Something that goes wrong with the next requests, to the ingest endpoints unless it is of a compile. `times` absent: until cleared. */
export type Fault =
  /** Answers this status, nothing is stored. */
  | {
      readonly type: "status";
      readonly status: number;
      readonly code?: string;
      readonly headers?: Readonly<Record<string, string>>;
      /** Instead of the error shape of the API. */
      readonly body?: string;
      readonly times?: number;
    }
  /** Waits before it continues. */
  | { readonly type: "latency"; readonly latencyMs: number; readonly times?: number }
  /** Takes the request and never answers; nothing is stored. */
  | { readonly type: "hang"; readonly times?: number }
  /** Cuts the connection; nothing is stored. */
  | { readonly type: "reset"; readonly times?: number }
  /** Stores, then answers 500: what fails after the commit. */
  | { readonly type: "stored_error"; readonly times?: number }
  /** Stores, then cuts the connection: the reply is lost. */
  | { readonly type: "lost_reply"; readonly times?: number }
  /** Stores, and never answers. */
  | { readonly type: "withheld_reply"; readonly times?: number }
  /** Stores, sends 201 and half of the body, then cuts the connection. */
  | { readonly type: "cut_body"; readonly times?: number }
  /** Answers 500 to every batch with this marker in it, as a row that the database chokes on does. */
  | { readonly type: "poison"; readonly marker: string; readonly times?: number }
  /** Refuses every batch with this marker in it: 422 naming the items, 422 naming none, or a proxy's 413. */
  | { readonly type: "refuse"; readonly marker: string; readonly as: "422" | "422_unnamed" | "413"; readonly times?: number }
  /** Answers this status to a request about a compile; nothing is compiled. */
  | {
      readonly type: "compile_status";
      readonly status: number;
      readonly code?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly times?: number;
    }
  /** A job for a compile fails; nothing is compiled. */
  | { readonly type: "job_failed"; readonly times?: number };

/** What becomes of a request to the ingest endpoints regardless of its content. */
export type FaultOutcome = Exclude<Fault, { type: "latency" | "poison" | "refuse" | "compile_status" | "job_failed" }>;

/** The faults that are set, in order; each request takes from the first of its kind that has some left. */
export class FaultSchedule {
  #faults: { readonly fault: Fault; left: number }[] = [];

  set(faults: readonly Fault[]): void {
    this.#faults = faults.map((fault) => ({ fault, left: fault.times ?? Number.POSITIVE_INFINITY }));
  }

  /** How long this request waits. */
  takeLatencyMs(): number {
    const fault = this.#take((candidate) => candidate.type === "latency");
    return fault?.type === "latency" ? fault.latencyMs : 0;
  }

  /** What happens to this request regardless of its content. */
  takeOutcome(): FaultOutcome | undefined {
    const fault = this.#take(isOutcome);
    return fault !== undefined && isOutcome(fault) ? fault : undefined;
  }

  /** What a request about a compile is answered instead. */
  takeCompileStatus(): Extract<Fault, { type: "compile_status" }> | undefined {
    const fault = this.#take(({ type }) => type === "compile_status");
    return fault?.type === "compile_status" ? fault : undefined;
  }

  /** Whether this job fails. */
  takeJobFailure(): boolean {
    return this.#take(({ type }) => type === "job_failed") !== undefined;
  }

  /** What happens because of a marker in the body. */
  takeMarked(body: string): Extract<Fault, { type: "poison" | "refuse" }> | undefined {
    const fault = this.#take((candidate) => "marker" in candidate && body.includes(candidate.marker));
    return fault !== undefined && "marker" in fault ? fault : undefined;
  }

  #take(matches: (fault: Fault) => boolean): Fault | undefined {
    const found = this.#faults.find(({ fault, left }) => left > 0 && matches(fault));
    if (found !== undefined) found.left -= 1;
    return found?.fault;
  }
}

const noOutcomes: ReadonlySet<Fault["type"]> = new Set(["latency", "poison", "refuse", "compile_status", "job_failed"]);

function isOutcome(fault: Fault): fault is FaultOutcome {
  return !noOutcomes.has(fault.type);
}

import { Worker } from "node:worker_threads";
import { type Clock, ConnectorsError, type Logger } from "@statewave-connectors/connector-sdk";
import type { ClaimLimits } from "@statewave-connectors/connector-sdk/inbox";
import { findWorker } from "./find-worker.ts";
import type { WorkerAnswers, ClaimAnswer, Operation, Reply, Request, WireError, WorkerOptions } from "./worker/protocol.ts";

/** A batch carries at most so many operations and, beyond its first operation, so many bytes of bodies. */
const maxBatchOperations = 1_024;
const maxBatchBytes = 4 * 1024 * 1024;
const restartDelayMs = 1_000;

interface Waiting {
  readonly operation: Operation;
  readonly body: Uint8Array | undefined;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: unknown) => void;
}

interface WaitingClaim {
  readonly limits: ClaimLimits;
  readonly resolve: (answer: ClaimAnswer) => void;
  readonly reject: (error: unknown) => void;
}

export interface WorkerLinkOptions {
  readonly worker: WorkerOptions;
  readonly startWorker: (options: WorkerOptions) => Worker;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The worker ended unasked: what it had handed out is forgotten. */
  readonly onClaimsLost: (error: ConnectorsError) => void;
}

/** Starts the thread that owns the file. Only its own flags: it needs no package, so no export conditions either. */
export function startWorker(options: WorkerOptions): Worker {
  // Node 22 announces node:sqlite as experimental.
  const execArgv = ["--disable-warning=ExperimentalWarning"];
  return new Worker(findWorker(import.meta.url, process.argv[1]), { workerData: options, execArgv, name: "inbox" });
}

/**
 * The way to the worker thread. Natural group commit: one batch is under way at a time, and every request made meanwhile leaves
 * together when it is durable; there is no timer. Calls take effect in the order in which they were made.
 *
 * A worker that ends unasked is started again after a second; until it is there, every call is refused as INBOX_UNAVAILABLE.
 */
export class WorkerLink {
  readonly #options: WorkerLinkOptions;
  #worker: Worker | undefined;
  #state: "opening" | "open" | "down" | "closing" | "closed" = "opening";
  #queue: Waiting[] = [];
  #claim: WaitingClaim | undefined;
  #inFlight: readonly Waiting[] | undefined;
  #claimInFlight: WaitingClaim | undefined;
  readonly #backups = new Map<number, PromiseWithResolvers<void>>();
  #lastBackup = 0;
  #flushScheduled = false;
  #wasOpen = false;
  #lastError: WireError | undefined;
  #cancelRestart: () => void = () => undefined;
  readonly #opened = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();

  constructor(options: WorkerLinkOptions) {
    this.#options = options;
    this.#start();
  }

  /** Rejects when the file cannot be opened. */
  opened(): Promise<void> {
    return this.#opened.promise;
  }

  call<Type extends Operation["type"]>(
    operation: Extract<Operation, { type: Type }>,
    body?: Uint8Array,
  ): Promise<WorkerAnswers[Type]> {
    if (this.#state !== "open") return Promise.reject(this.#unavailable());
    return new Promise<WorkerAnswers[Type]>((resolve, reject) => {
      this.#queue.push({ operation, body, resolve, reject });
      this.#schedule();
    });
  }

  /** Goes along with the next batch, behind its operations. One claim at a time. */
  claim(limits: ClaimLimits): Promise<ClaimAnswer> {
    if (this.#state !== "open") return Promise.reject(this.#unavailable());
    return new Promise((resolve, reject) => {
      this.#claim = { limits, resolve, reject };
      this.#schedule();
    });
  }

  /** Copies the file to `path` while it is in use. */
  backup(path: string): Promise<void> {
    if (this.#state !== "open") return Promise.reject(this.#unavailable());
    const backup = Promise.withResolvers<void>();
    this.#backups.set((this.#lastBackup += 1), backup);
    this.#post({ type: "backup", id: this.#lastBackup, path }, []);
    return backup.promise;
  }

  /** Makes every request durable, then closes the file. */
  close(): Promise<void> {
    if (this.#state === "down") {
      this.#cancelRestart();
      this.#state = "closed";
      this.#closed.resolve();
    } else if (this.#state === "open" || this.#state === "opening") {
      this.#state = "closing";
      this.#schedule();
    }
    return this.#closed.promise;
  }

  #start(): void {
    this.#state = "opening";
    const worker = this.#options.startWorker(this.#options.worker);
    this.#worker = worker;
    let cause: unknown;
    worker.on("message", (reply: Reply) => this.#receive(reply));
    worker.on("error", (error) => (cause = error));
    worker.on("exit", () => this.#ended(cause));
  }

  /** At the end of the loop's turn, so that every request of the turn is sent with it. */
  #schedule(): void {
    if (this.#flushScheduled || this.#inFlight !== undefined) return;
    this.#flushScheduled = true;
    setImmediate(() => {
      this.#flushScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#inFlight !== undefined || (this.#state !== "open" && this.#state !== "closing")) return;
    const { batch, bodies } = this.#takeBatch();
    const claim = this.#claim;
    if (batch.length > 0 || claim !== undefined) {
      this.#inFlight = batch;
      this.#claimInFlight = claim;
      this.#claim = undefined;
      const operations = batch.map(({ operation }) => operation);
      const nowMs = Math.floor(this.#options.clock.now());
      this.#post({ type: "batch", nowMs, operations, bodies, claim: claim?.limits }, [bodies.buffer]);
    } else if (this.#state === "closing") {
      this.#inFlight = [];
      this.#post({ type: "close" }, []);
    }
  }

  /** The next operations and a copy of their bodies, which stay the caller's. */
  #takeBatch(): { readonly batch: readonly Waiting[]; readonly bodies: Uint8Array<ArrayBuffer> } {
    let count = 0;
    let bytes = 0;
    for (const { body } of this.#queue) {
      const length = body?.byteLength ?? 0;
      if (count === maxBatchOperations || (count > 0 && bytes + length > maxBatchBytes)) break;
      count += 1;
      bytes += length;
    }
    const batch = this.#queue.splice(0, count);
    const bodies = new Uint8Array(bytes);
    let offset = 0;
    for (const { body } of batch) {
      if (body === undefined) continue;
      bodies.set(body, offset);
      offset += body.byteLength;
    }
    return { batch, bodies };
  }

  #post(request: Request, transfer: ArrayBuffer[]): void {
    this.#worker?.postMessage(request, transfer);
  }

  #receive(reply: Reply): void {
    switch (reply.type) {
      case "opened":
        if (this.#state === "opening") this.#state = "open";
        this.#wasOpen = true;
        this.#lastError = undefined;
        this.#opened.resolve();
        this.#schedule();
        return;
      case "refused":
        this.#lastError = reply.error;
        return;
      case "batch":
        this.#settleBatch(reply);
        return;
      case "backup": {
        const backup = this.#backups.get(reply.id);
        this.#backups.delete(reply.id);
        if (reply.error === undefined) backup?.resolve();
        else backup?.reject(fromWire(reply.error));
        return;
      }
      case "closed":
        this.#state = "closed";
    }
  }

  #settleBatch({ results, claim, broken }: Extract<Reply, { type: "batch" }>): void {
    const batch = this.#inFlight ?? [];
    const waitingClaim = this.#claimInFlight;
    this.#inFlight = undefined;
    this.#claimInFlight = undefined;
    for (const [index, { resolve, reject }] of batch.entries()) {
      const result = results[index];
      if (result === undefined) continue;
      if ("ok" in result) resolve(result.ok as never);
      else reject(fromWire(result.error));
    }
    if (claim !== undefined) waitingClaim?.resolve(claim);
    else if (broken !== undefined) waitingClaim?.reject(fromWire(broken));
    if (broken === undefined) {
      this.#schedule();
    } else {
      // Nothing is sent to a thread that has closed the file; its end decides about the rest.
      this.#inFlight = [];
      this.#lastError = broken;
    }
  }

  #ended(cause: unknown): void {
    const error = this.#unavailable(cause);
    this.#rejectAll(error);
    const isOver = !this.#wasOpen || this.#state === "closing" || this.#state === "closed";
    if (isOver) {
      this.#state = "closed";
      this.#opened.reject(this.#lastError === undefined ? error : fromWire(this.#lastError));
      this.#closed.resolve();
    } else {
      this.#restartLater(error);
    }
  }

  #rejectAll(error: ConnectorsError): void {
    for (const { reject } of [...(this.#inFlight ?? []), ...this.#queue]) reject(error);
    for (const { reject } of this.#backups.values()) reject(error);
    this.#backups.clear();
    this.#claimInFlight?.reject(error);
    this.#claim?.reject(error);
    this.#inFlight = undefined;
    this.#claimInFlight = undefined;
    this.#claim = undefined;
    this.#queue = [];
  }

  #restartLater(error: ConnectorsError): void {
    const { logger, clock, onClaimsLost } = this.#options;
    // Logged once for an outage, not at every failed restart.
    if (this.#state === "open")
      logger.error("the inbox's thread ended; it is started again", { error, next_attempt_in_ms: restartDelayMs });
    this.#state = "down";
    this.#cancelRestart = clock.after(restartDelayMs, () => this.#start());
    onClaimsLost(error);
  }

  #unavailable(cause?: unknown): ConnectorsError {
    const { path } = this.#options.worker;
    const reason = cause instanceof Error ? cause.message : this.#lastError?.message;
    return new ConnectorsError({
      code: "INBOX_UNAVAILABLE",
      message: `the inbox file ${path} is not available${reason === undefined ? "" : `: ${reason}`}`,
      hint: "look at the log for the reason, and at the memory of this machine",
      retryable: true,
      cause,
    });
  }
}

/** The error that a caller of the inbox gets. */
export function fromWire({ code, message, hint, retryable }: WireError): ConnectorsError {
  return new ConnectorsError({ code, message, retryable, ...(hint === undefined ? {} : { hint }) });
}

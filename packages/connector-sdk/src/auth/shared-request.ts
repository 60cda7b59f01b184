import { untilAborted } from "../http/until-aborted.ts";

interface Running<Result> {
  readonly result: Promise<Result>;
  readonly abort: AbortController;
  waiting: number;
}

/** A request that callers share while it runs. Each can leave by its own signal; when the last one has left, the request is aborted. */
export class SharedRequest<Result> {
  readonly #send: (signal: AbortSignal) => Promise<Result>;
  #running: Running<Result> | undefined;

  constructor(send: (signal: AbortSignal) => Promise<Result>) {
    this.#send = send;
  }

  /** The result of the running request, or of a new one. Rejects with the signal's reason when it aborts first. */
  async join(signal: AbortSignal): Promise<Result> {
    const running = (this.#running ??= this.#start());
    running.waiting += 1;
    try {
      return await untilAborted(running.result, signal);
    } finally {
      running.waiting -= 1;
      if (running.waiting === 0) this.#end(running);
    }
  }

  #start(): Running<Result> {
    const abort = new AbortController();
    const result = this.#send(abort.signal);
    const running = { result, abort, waiting: 0 };
    const settled = () => {
      if (this.#running === running) this.#running = undefined;
    };
    result.then(settled, settled);
    return running;
  }

  /** The next caller starts a new one instead of joining one that is aborted. */
  #end(running: Running<Result>): void {
    if (this.#running !== running) return;
    this.#running = undefined;
    running.abort.abort();
  }
}

import { connect, type Socket } from "node:net";
import {
  type ConfigSchema,
  type ConnectorContext,
  ConnectorsError,
  defineConnector,
  idempotencyKey,
  type Page,
  type PullSource,
  sleep,
} from "@statewave-connectors/connector-sdk";
import type { ConnectorSubject } from "../../src/index.ts";
import { FakeClock } from "../../src/fake-clock.ts";
import { startTcpProxy } from "../../src/servers.ts";
import { type Note, queuePassword, QueueServer } from "./queue-server.ts";

/** An entry of the queue. */
export interface QueueOptions {
  readonly port: number;
  readonly token: string;
}

/** The parts of a sound pull of a provider at a socket, for faults to replace. */
export interface QueueParts {
  open(options: QueueOptions): void;
  ask(socket: Socket, line: string, context: ConnectorContext, signal: AbortSignal): Promise<unknown>;
  /** Whether a failed command is sent again on a new connection. */
  isRepeated(error: unknown): boolean;
  failure(what: string, options: QueueOptions): ConnectorsError;
  refused(options: QueueOptions): ConnectorsError;
  /** From which note a cursor reads on. */
  parseCursor(cursor: string | undefined): number;
}

export interface QueueFault {
  readonly mistake: string;
  readonly noticedBy: string;
  readonly parts: (sound: QueueParts) => Partial<QueueParts>;
}

export function connectTo(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket));
    socket.on("error", reject);
  });
}

export function askOnce(socket: Socket, line: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    socket.once("data", (data) => resolve(JSON.parse(String(data))));
    socket.once("close", () => reject(new Error("closed")));
    if (socket.destroyed) reject(new Error("closed"));
    socket.write(`${line}\n`);
  });
}

const soundParts: QueueParts = {
  open: () => undefined,
  async ask(socket, line, context, signal) {
    const limit = new AbortController();
    const stop = () => limit.abort();
    signal.addEventListener("abort", stop, { once: true });
    const late = sleep(context.clock, 30_000, limit.signal).then(
      () => Promise.reject(new Error("silent")),
      () => Promise.reject(new Error("aborted")),
    );
    try {
      return await Promise.race([askOnce(socket, line), late]);
    } finally {
      stop();
      signal.removeEventListener("abort", stop);
    }
  },
  isRepeated: (error) => error instanceof Error && error.message === "closed",
  failure: (what) =>
    new ConnectorsError({ code: "QUEUE_UNAVAILABLE", message: `the queue is ${what}`, hint: "check the queue", retryable: true }),
  refused: () =>
    new ConnectorsError({
      code: "QUEUE_UNAUTHORIZED",
      message: "the queue refuses the token",
      hint: "set `token` to a valid one",
    }),
  parseCursor(cursor) {
    if (cursor === undefined) return 0;
    const [, id] = /^after (\d{1,9})$/.exec(cursor) ?? [];
    if (id !== undefined) return Number(id);
    throw new ConnectorsError({ code: "QUEUE_CURSOR_INVALID", message: "a foreign cursor", hint: "delete the cursor" });
  },
};

function toEpisode({ id, text, at }: Note) {
  const named = { subject: "queue:notes", kind: "queue.note.added", source: { type: "queue.note", id: String(id) } };
  return { ...named, text, occurred_at: at, idempotency_key: idempotencyKey("queue", id) };
}

class QueueSource implements PullSource {
  readonly #options: QueueOptions;
  readonly #context: ConnectorContext;
  readonly #parts: QueueParts;
  #socket: Socket | undefined;

  constructor(options: QueueOptions, context: ConnectorContext, parts: QueueParts) {
    this.#options = options;
    this.#context = context;
    this.#parts = parts;
    parts.open(options);
  }

  async *pages(cursor: string | undefined, signal: AbortSignal): AsyncGenerator<Page> {
    let after = this.#parts.parseCursor(cursor);
    try {
      for (;;) {
        signal.throwIfAborted();
        const notes = (await this.#ask(`after ${after}`, signal)) as readonly Note[];
        if (notes.length === 0) return;
        after = notes.at(-1)?.id ?? after;
        yield { episodes: notes.map(toEpisode), cursor: `after ${after}` };
      }
    } finally {
      this.#socket?.destroy();
    }
  }

  async check(signal: AbortSignal) {
    await this.#ask("after 0", signal);
    return [{ ok: true, message: "the queue can be read" }];
  }

  async #ask(line: string, signal: AbortSignal): Promise<unknown> {
    const ask = async () => {
      const socket = await this.#connected(signal);
      return this.#parts.ask(socket, line, this.#context, signal);
    };
    try {
      return await ask().catch((error: unknown) => (this.#parts.isRepeated(error) ? ask() : Promise.reject(error)));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ConnectorsError) throw error;
      throw this.#parts.failure(error instanceof Error ? error.message : String(error), this.#options);
    }
  }

  async #connected(signal: AbortSignal): Promise<Socket> {
    if (this.#socket?.destroyed === false) return this.#socket;
    const socket = await connectTo(this.#options.port);
    const isSignedIn = await this.#parts.ask(socket, `sign-in ${this.#options.token}`, this.#context, signal);
    if (isSignedIn !== true) throw this.#parts.refused(this.#options);
    this.#socket = socket;
    return socket;
  }
}

/** A pull of a provider at a socket, sound but for the fault. */
export function queueSubject(fault?: QueueFault): ConnectorSubject {
  const parts: QueueParts = { ...soundParts, ...fault?.parts(soundParts) };
  const open = (options: QueueOptions, context: ConnectorContext) => new QueueSource(options, context, parts);
  return {
    connector: defineConnector({ kind: "queue", version: "1.0.0", pull: { config: queueConfig, open } }),
    provider: { socket: true },
    async open() {
      const server = new QueueServer(17);
      const proxy = await startTcpProxy(await server.start());
      const options = { port: Number(new URL(proxy.url).port), token: queuePassword };
      return {
        options,
        clock: new FakeClock(),
        proxy,
        refusedOptions: { ...options, token: "another-4711" },
        brokenOptions: { ...options, token: "another-4711" },
        maxEpisodesPerPage: 5,
        addOne: (at) => server.add("added", at),
        changeLast() {
          server.notes.splice(-1, 1, { ...server.notes.at(-1)!, text: "zyzzyva" });
          return "zyzzyva";
        },
        async close() {
          await proxy.close();
          server.stop();
        },
      };
    },
  };
}

const queueConfig: ConfigSchema<QueueOptions> = {
  "~standard": { version: 1, vendor: "queue", validate: (value) => ({ value: value as QueueOptions }) },
};

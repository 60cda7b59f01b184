import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** A way to an IMAP server that stops at a chosen FETCH: what a program does next is then known, and nothing is left to chance. */
export class FetchGate {
  readonly #server: Server;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  /** How many FETCH commands pass until one is held. */
  #left = Infinity;
  #held = Promise.withResolvers<void>();
  #commands = 0;
  #bytes = 0;
  /** Those on which nothing passes any more, though they stay open. */
  readonly #silenced = new WeakSet<Socket>();

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((client) => this.#join(client));
  }

  static async start(target: number): Promise<FetchGate> {
    const gate = new FetchGate(target);
    await once(gate.#server.listen(0, "127.0.0.1"), "listening");
    return gate;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** How many commands about folders and mails were sent so far. */
  get commands(): number {
    return this.#commands;
  }

  /** How much the server answered so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Lets nothing pass on the connections of now, which stay open: as a router does that has forgotten them. */
  silence(): void {
    for (const socket of this.#sockets) this.#silenced.add(socket);
  }

  /** Resolves when the `count`-th FETCH from now on is there. It does not reach the server before `release`. */
  hold(count: number): Promise<void> {
    this.#left = count;
    this.#held = Promise.withResolvers();
    return this.#held.promise;
  }

  /** Breaks every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Lets everything pass from now on, and breaks the connection that was held. */
  release(): void {
    this.#left = Infinity;
    this.cut();
  }

  close(): void {
    this.release();
    this.#server.close();
  }

  #join(client: Socket): void {
    const upstream = connect(this.#target, "127.0.0.1");
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
    upstream.on("data", (chunk: Buffer) => {
      this.#bytes += chunk.length;
      if (!this.#silenced.has(upstream)) client.write(chunk);
    });
    client.on("data", (chunk: Buffer) => {
      if (this.#silenced.has(client)) return;
      const text = chunk.toString("latin1");
      this.#commands += text.match(/^\S+ (?:STATUS|EXAMINE|SELECT|UID|FETCH|SEARCH|NOOP|CLOSE|UNSELECT)\b/gm)?.length ?? 0;
      if (/ UID FETCH /.test(text)) {
        this.#left -= 1;
        if (this.#left <= 0) return this.#held.resolve();
      }
      upstream.write(chunk);
    });
  }
}

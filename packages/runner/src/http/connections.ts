import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

/**
 * Which connections are open and what each is busy with. Node's own `closeIdleConnections` counts a connection that has not sent its
 * first request as busy, so that one silent client could hold up a shutdown.
 */
export class Connections {
  readonly #open = new Set<Socket>();
  /** The latest request of a connection that is not answered yet; answers go out in order, so the latest ends last. */
  readonly #busy = new Map<Duplex, ServerResponse>();
  #finishing = false;
  #onIdle: () => void = () => undefined;

  constructor(server: Server) {
    server.on("connection", (socket: Socket) => {
      this.#open.add(socket);
      socket.once("close", () => {
        this.#open.delete(socket);
        // Not every version of Node notifies the answers that wait behind another one when their connection breaks.
        this.#end(socket);
      });
    });
  }

  begin({ socket }: IncomingMessage, outgoing: ServerResponse): void {
    this.#busy.set(socket, outgoing);
    outgoing.once("close", () => {
      if (this.#busy.get(socket) === outgoing) this.#end(socket);
    });
  }

  #end(socket: Socket): void {
    if (!this.#busy.delete(socket)) return;
    // Its answer may have promised to keep the connection.
    if (this.#finishing) socket.destroySoon();
    if (this.#busy.size === 0) this.#onIdle();
  }

  /** The answers under way. */
  answers(): Iterable<ServerResponse> {
    return this.#busy.values();
  }

  /** The answer under way on this connection. */
  answerOn(socket: Duplex): ServerResponse | undefined {
    return this.#busy.get(socket);
  }

  /** Cuts what is idle, and every other connection once it has been answered; resolves when no answer is under way. */
  finish(): Promise<void> {
    this.#finishing = true;
    for (const socket of this.#open) if (!this.#busy.has(socket)) socket.destroy();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      if (this.#busy.size === 0) resolve();
    });
  }

  /** Cuts the connections whose request is still on its way. */
  cutUnfinishedRequests(): void {
    for (const [socket, { req }] of this.#busy) if (!req.complete) socket.destroy();
  }

  cutAll(): void {
    for (const socket of this.#open) socket.destroy();
  }
}

import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";

/** A note of the queue. */
export interface Note {
  readonly id: number;
  readonly text: string;
  readonly at: string;
}

export const queuePassword = "queue-4711";

/** An invented provider that speaks lines: `sign-in <password>`, then `after <id>`, which is answered with up to five notes as JSON. */
export class QueueServer {
  readonly notes: Note[] = [];
  readonly #server = createServer((socket) => this.#serve(socket));
  readonly #sockets = new Set<Socket>();

  constructor(count: number) {
    for (let id = 1; id <= count; id += 1) this.add(`note ${id}`, new Date(Date.UTC(2025, 0, 1, id)));
  }

  add(text: string, at: Date): void {
    this.notes.push({ id: this.notes.length + 1, text, at: at.toISOString() });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const address = this.#server.address();
    return `queue://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    let isSignedIn = false;
    socket.on("error", () => undefined);
    createInterface({ input: socket }).on("line", (line) => {
      const [command, argument] = line.split(" ");
      if (command === "sign-in") isSignedIn = argument === queuePassword;
      const answer =
        isSignedIn && command === "after" ? this.notes.filter(({ id }) => id > Number(argument)).slice(0, 5) : isSignedIn;
      socket.write(`${JSON.stringify(answer)}\n`);
    });
  }
}

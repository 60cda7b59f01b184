import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface StoreAddress {
  readonly host: string;
  readonly port: number;
}

/** A way to a server that can be cut, or made to carry nothing. */
export interface CuttableProxy {
  readonly port: number;
  /** Breaks every connection, and new ones until `mend`. */
  cut(): void;
  /** Connections stay, and carry nothing until `mend`: as behind a lost route. What was swallowed is lost, so `mend` breaks them. */
  silence(): void;
  mend(): void;
  close(): Promise<void>;
}

/** Starts a proxy on a free port of this machine in front of a server. */
export async function startCuttableProxy(target: StoreAddress): Promise<CuttableProxy> {
  const sockets = new Set<Socket>();
  let mode: "open" | "cut" | "silent" = "open";
  const server = createServer((client) => {
    if (mode === "cut") return void client.destroy();
    const upstream = connect(target.port, target.host);
    join(client, upstream);
    join(upstream, client);
  });
  const join = (from: Socket, to: Socket) => {
    sockets.add(from);
    from.on("data", (chunk) => {
      if (mode === "silent") return;
      if (!to.write(chunk)) from.pause();
    });
    to.on("drain", () => from.resume());
    from.on("error", () => to.destroy());
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const breakAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      mode = "cut";
      breakAll();
    },
    silence() {
      mode = "silent";
    },
    mend() {
      if (mode === "silent") breakAll();
      mode = "open";
    },
    async close() {
      breakAll();
      server.close();
      await once(server, "close");
    },
  };
}

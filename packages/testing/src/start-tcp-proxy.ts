import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** What a proxy does with bytes: hands them on; swallows the answers; swallows everything, like a cable that was pulled. */
export type ProxyMode = "open" | "swallow-replies" | "black-hole";

/** A way to a server that can be made to fail. */
export interface TcpProxy {
  /** The server's URL with the proxy's address in it. */
  readonly url: string;
  /** What the clients sent so far. */
  readonly received: () => Buffer;
  /** How many connections were made so far. */
  readonly connections: () => number;
  /** From now on, on every connection, old ones too. Opened connections stay open whatever the mode. */
  setMode(mode: ProxyMode): void;
  /** Breaks every connection. */
  cut(): void;
  /** From now on new connections are broken as soon as they stand, or are not. */
  setRefusing(isRefusing: boolean): void;
  close(): Promise<void>;
}

/** Starts a proxy on a free port in front of the server that `url` names. */
export async function startTcpProxy(url: string): Promise<TcpProxy> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const received: Buffer[] = [];
  let mode: ProxyMode = "open";
  let refusing = false;
  let connections = 0;
  const server = createServer((client) => {
    connections += 1;
    if (refusing) return void client.destroy();
    const upstream = connect(Number(target.port), target.hostname);
    join(client, upstream, (chunk) => {
      received.push(chunk);
      return mode !== "black-hole";
    });
    join(upstream, client, () => mode === "open");
  });
  const join = (from: Socket, to: Socket, isPassed: (chunk: Buffer) => boolean) => {
    sockets.add(from);
    from.on("data", (chunk) => {
      if (isPassed(chunk)) to.write(chunk);
    });
    from.on("error", () => to.destroy());
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const proxied = new URL(url);
  proxied.hostname = "127.0.0.1";
  proxied.port = String(typeof address === "object" ? address?.port : "");
  return {
    url: proxied.href,
    received: () => Buffer.concat(received),
    connections: () => connections,
    setMode: (next) => {
      mode = next;
    },
    cut,
    setRefusing: (isRefusing) => {
      refusing = isRefusing;
    },
    close: async () => {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}

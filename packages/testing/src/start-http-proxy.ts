import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";

export interface HttpProxyOptions {
  /** `user:password` that it requires; it answers 407 without them. */
  readonly credentials?: string;
  /** Instead of a tunnel: the status that CONNECT is answered with, or nothing at all. */
  readonly refuseTunnels?: number | "silent";
}

/** A forward proxy on loopback, as companies run them. */
export interface HttpProxy {
  /** Without credentials. */
  readonly url: string;
  readonly host: string;
  /** The first line of a request, e.g. `CONNECT api.example:443` or `GET http://api.example/items`. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/**
 * Starts a proxy that forwards plain requests and opens tunnels, to the port of the requested address and on loopback: every name leads to
 * this machine.
 */
export async function startHttpProxy({ credentials, refuseTunnels }: HttpProxyOptions = {}): Promise<HttpProxy> {
  const requests: string[] = [];
  const sockets = new Set<Duplex>();
  const expected = credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString("base64")}`;
  const isAllowed = ({ headers }: IncomingMessage) => expected === undefined || headers["proxy-authorization"] === expected;
  const server = createServer((incoming, outgoing) => {
    requests.push(`${incoming.method ?? ""} ${incoming.url ?? ""}`);
    if (isAllowed(incoming)) forward(incoming, outgoing);
    else outgoing.writeHead(407, { "proxy-authenticate": "Basic" }).end();
  });
  server.on("connection", (socket: Socket) => void sockets.add(socket));
  server.on("connect", (incoming, client: Duplex) => {
    requests.push(`CONNECT ${incoming.url ?? ""}`);
    client.on("error", () => undefined);
    if (refuseTunnels === "silent") return;
    const status = isAllowed(incoming) ? refuseTunnels : 407;
    if (status !== undefined) client.end(`HTTP/1.1 ${status} Refused\r\n\r\n`);
    else sockets.add(openTunnel(client, Number(incoming.url?.split(":").at(-1))));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const host = `127.0.0.1:${typeof address === "object" ? (address?.port ?? "") : ""}`;
  return {
    url: `http://${host}`,
    host,
    requests,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function openTunnel(client: Duplex, port: number): Socket {
  const upstream = connect(port, "127.0.0.1");
  upstream.on("connect", () => {
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    upstream.pipe(client).pipe(upstream);
  });
  upstream.on("error", () => client.destroy());
  client.on("close", () => upstream.destroy());
  return upstream;
}

/** As RFC 9112 has it: the request line carries the whole URL, the server gets its path. */
function forward(incoming: IncomingMessage, outgoing: ServerResponse): void {
  const target = new URL(incoming.url ?? "");
  const { "proxy-authorization": _mine, ...headers } = incoming.headers;
  const upstream = request(
    { host: "127.0.0.1", port: target.port || 80, method: incoming.method, path: target.pathname + target.search, headers },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    },
  );
  upstream.on("error", () => outgoing.writeHead(502).end());
  incoming.pipe(upstream);
}

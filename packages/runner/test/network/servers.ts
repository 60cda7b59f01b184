import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type HttpProxy,
  type HttpProxyOptions,
  type KeyAndCertificate,
  startHttpProxy,
} from "@statewave-connectors/testing/servers";
import { onTestFinished } from "vitest";

/** Starts a server on loopback that ends with the test; answers its port. */
async function listen(server: Server | TcpServer): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => void sockets.add(socket.on("error", () => undefined)));
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

export const httpServer = (listener: RequestListener) => listen(createServer(listener));
export const tlsServer = (pair: KeyAndCertificate, listener: RequestListener) => listen(createTlsServer(pair, listener));
export const tcpServer = (onSocket: (socket: Socket) => void) => listen(createTcpServer(onSocket));

/** A port on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = createTcpServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function proxyServer(options?: HttpProxyOptions): Promise<HttpProxy> {
  const proxy = await startHttpProxy(options);
  onTestFinished(() => proxy.close());
  return proxy;
}

/** A file with this text; answers its path. */
export function fileWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "network-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "ca.pem");
  writeFileSync(path, text);
  return path;
}

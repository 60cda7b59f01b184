import { connect, type ConnectionOptions } from "node:tls";
import { certificateExpiresAtMs } from "@statewave-connectors/connector-sdk/host";
import type { Cluster, Redis } from "ioredis";

const connectWithinMs = 5_000;
/** Less than a day, as the metric promises. */
const lookEveryMs = 6 * 60 * 60_000;

const expiries = new WeakMap<object, number>();

/** When the certificate that the server showed last expires, epoch milliseconds; undefined without TLS, and for a client of the caller's own. */
export function serverCertificateExpiresAtMs(client: Redis | Cluster): number | undefined {
  return expiries.get(client);
}

/** Remembers the certificate of a connected client, until it ends. A connection may stand for months, so fresh ones look for a renewed certificate. */
export function watchCertificate(client: Redis): void {
  const { tls, host, port } = client.options;
  if (tls === undefined) return;
  const remember = (atMs: number | undefined) => {
    if (atMs !== undefined) expiries.set(client, atMs);
  };
  const ofConnection = () => remember(certificateExpiresAtMs(client.stream));
  ofConnection();
  client.on("ready", ofConnection);
  const look = () => readCertificate({ ...tls, host, port }).then(remember);
  const timer = setInterval(() => void look(), lookEveryMs);
  timer.unref();
  client.once("end", () => clearInterval(timer));
}

/** When the certificate expires that a server shows now; undefined when there is no TLS connection. Sends nothing. */
export function readCertificate(address: ConnectionOptions): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ ...address, timeout: connectWithinMs });
    socket.unref();
    const end = (atMs?: number) => {
      socket.destroy();
      resolve(atMs);
    };
    socket.once("secureConnect", () => end(certificateExpiresAtMs(socket)));
    socket.once("timeout", () => end());
    // Stays: an unheard error would end the process.
    socket.on("error", () => end());
  });
}

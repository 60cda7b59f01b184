import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ConnectorsError, type Logger } from "@statewave-connectors/connector-sdk";

/** Where a server can be reached. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly url: string;
}

/** Starts listening; what goes wrong becomes a sentence that tells what to change. */
export async function listen(server: Server, host: string, port: number, logger: Logger): Promise<Address> {
  await new Promise<void>((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => reject(listenError(error, host, port));
    server.once("error", onError);
    server.listen(port, host, () => {
      server.off("error", onError);
      resolve();
    });
  });
  // From here on only accepting a connection can fail, e.g. for want of file descriptors: the next one may well succeed.
  server.on("error", (error) => logger.error("a connection could not be accepted", { error }));
  const { port: actualPort } = server.address() as AddressInfo;
  return { host, port: actualPort, url: `http://${host.includes(":") ? `[${host}]` : host}:${actualPort}` };
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): ConnectorsError {
  switch (cause.code) {
    case "EADDRINUSE":
      return new ConnectorsError({
        code: "RUNNER_PORT_IN_USE",
        message: `port ${port} on ${host} is in use by another process`,
        hint: "stop that process or set another [runner] port",
        cause,
      });
    case "EACCES":
      return new ConnectorsError({
        code: "RUNNER_PORT_FORBIDDEN",
        message: `this user may not listen on port ${port}`,
        hint: "set [runner] port to 1024 or above, or grant the process the right to bind low ports",
        cause,
      });
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EINVAL":
      return new ConnectorsError({
        code: "RUNNER_HOST_UNAVAILABLE",
        message: `${host} is not an address of this machine`,
        hint: 'set [runner] host to one of its addresses, "0.0.0.0" for all of them or "127.0.0.1" for this machine only',
        cause,
      });
    default:
      return new ConnectorsError({
        code: "RUNNER_LISTEN_FAILED",
        message: `cannot listen on ${host}:${port}: ${cause.message}`,
        cause,
      });
  }
}

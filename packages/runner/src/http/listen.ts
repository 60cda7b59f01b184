import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ConnectorsError, type Logger } from "@statewave-connectors/connector-sdk";

/** Where a server can be reached. */
export interface Address {
  readonly host: string;
  /** The address that `host` resolved to. */
  readonly boundTo: string;
  readonly port: number;
  readonly url: string;
}

/** Where a server listens, and the options that set it. */
export interface ListenPlace {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly hostOption: string;
  readonly portOption: string;
}

/** Starts listening. Throws an error that names the option to change. */
export async function listen(server: Server, place: ListenPlace, logger: Logger): Promise<Address> {
  const { host, port } = place;
  await new Promise<void>((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => reject(listenError(error, place));
    server.once("error", onError);
    server.listen(port, host, () => {
      server.off("error", onError);
      resolve();
    });
  });
  // From here on only accepting a connection can fail, e.g. because no file descriptor is left: the next one may well succeed.
  server.on("error", (error) => logger.error("a connection could not be accepted", { error }));
  const { address, port: actualPort } = server.address() as AddressInfo;
  return { host, boundTo: address, port: actualPort, url: `http://${host.includes(":") ? `[${host}]` : host}:${actualPort}` };
}

function listenError(cause: NodeJS.ErrnoException, { host, port, hostOption, portOption }: ListenPlace): ConnectorsError {
  switch (cause.code) {
    case "EADDRINUSE":
      return new ConnectorsError({
        code: "RUNNER_PORT_IN_USE",
        message: `port ${port} on ${host} is in use by another process`,
        hint: `stop that process or set another ${portOption}`,
        cause,
      });
    case "EACCES":
      return new ConnectorsError({
        code: "RUNNER_PORT_FORBIDDEN",
        message: `this user may not listen on port ${port}`,
        hint: `set the port of ${portOption} to 1024 or above, or grant the process the right to bind low ports`,
        cause,
      });
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EINVAL":
      return new ConnectorsError({
        code: "RUNNER_HOST_UNAVAILABLE",
        message: `${host} is not an address of this machine`,
        hint: `set ${hostOption} to one of its addresses, "0.0.0.0" for all of them or "127.0.0.1" for this machine only`,
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

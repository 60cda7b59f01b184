import { once } from "node:events";
import { connect, createServer } from "node:net";

/**
 * A port of this machine that leads to another one, which can change: as a proxy or the address of a service does when a primary fails over.
 * @param {number} firstPort
 */
export async function startSwitchedAddress(firstPort) {
  /** @type {number | undefined} */
  let target = firstPort;
  /** @type {Set<import("node:net").Socket>} */
  const sockets = new Set();
  const server = createServer((socket) => {
    if (target === undefined) return void socket.destroy();
    const upstream = connect(target, "127.0.0.1");
    for (const [one, other] of /** @type {const} */ ([
      [socket, upstream],
      [upstream, socket],
    ])) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const breakAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: /** @type {import("node:net").AddressInfo} */ (server.address()).port,
    /** Breaks every connection; undefined: new ones, too. @param {number | undefined} port */
    leadTo(port) {
      target = port;
      breakAll();
    },
    close() {
      breakAll();
      server.close();
    },
  };
}

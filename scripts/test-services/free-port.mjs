import { createServer } from "node:net";

/** Below the ports that systems give to outgoing connections by themselves, above those of well-known services. */
const lowest = 20_000;
const highest = 32_000;

/**
 * A port of this machine on which no program listens, for a server that crashes and is started again: while it is down, no connection that
 * a program makes is given its port.
 * @returns {Promise<number>}
 */
export async function freePort() {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (await isFree(port)) return port;
  }
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
async function isFree(port) {
  const probe = createServer();
  const isListening = await new Promise((resolve) => {
    probe.once("listening", () => resolve(true));
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1");
  });
  if (isListening) await new Promise((resolve) => void probe.close(resolve));
  return isListening;
}

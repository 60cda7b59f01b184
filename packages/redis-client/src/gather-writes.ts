import type { Redis } from "ioredis";

/**
 * Sends all commands of one turn of the event loop in one write. `ioredis` writes each command by itself, and under load those
 * writes cost more than the commands, on both sides; its own pipelining of what comes together costs as much as it saves.
 */
export function gatherWrites(client: Redis): void {
  const send = client.sendCommand.bind(client);
  let corked: Redis["stream"] | undefined;
  client.sendCommand = (command, stream) => {
    // Before that it is shaking hands, one question after the other.
    if (corked === undefined && client.status === "ready") {
      corked = client.stream;
      corked.cork();
      setImmediate(() => {
        const gathered = corked;
        corked = undefined;
        gathered?.uncork();
      });
    }
    return send(command, stream);
  };
}

import type { Redis } from "ioredis";

/** After so many looks at a ping without an answer the connection is given up. */
const patience = 4;

/**
 * Gives a connection up, with everything that is under way on it, when the server has not answered for `answerWithinMs`: one that was cut
 * without a word looks open for many minutes. `ioredis` then connects again.
 *
 * It sends a ping of its own at intervals, and counts how often there was no answer. Timers for each command, or for
 * the socket, would go off when this process itself stood still for a moment, with the answers lying there unread.
 */
export function watchConnection(client: Redis, answerWithinMs: number): void {
  /** The ping that is not answered yet. */
  let pending: object | undefined;
  let looks = 0;
  const ping = () => {
    const sent = {};
    pending = sent;
    looks = 0;
    const answered = () => {
      if (pending === sent) pending = undefined;
    };
    client.ping().then(answered, answered);
  };
  const look = () => {
    // Between two connections there is no server to ping; connecting has a time limit of its own.
    if (client.status !== "ready" && client.status !== "connect") looks = 0;
    else if (client.status === "ready" && pending === undefined) ping();
    else if ((looks += 1) >= patience) {
      looks = 0;
      client.stream.destroy(new Error(`Redis has not answered for ${answerWithinMs} ms`));
    }
  };
  const timer = setInterval(look, answerWithinMs / (patience + 1));
  timer.unref();
  client.once("end", () => clearInterval(timer));
}

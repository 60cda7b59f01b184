import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { askOnce, connectTo, type QueueFault } from "./queue-connector.ts";

const cutOff = "calls a provider that it cannot connect to a passing failure, and resumes without a gap";
const aborted = "ends at once when it is aborted while the provider at its socket is silent";
const refused = "calls credentials that the provider refuses a lasting failure, says what to do, and does not quote them";

/** Possible mistakes of a pull at a socket, and for each the case that must notice. */
export const queueFaults: readonly QueueFault[] = [
  {
    mistake: "connects when it is opened",
    noticedBy: "opens without connecting to the provider",
    parts: () => ({
      open({ port, token }) {
        connectTo(port).then(
          (socket) => socket.write(`sign-in ${token}\n`),
          () => undefined,
        );
      },
    }),
  },
  {
    mistake: "ends with its connection",
    noticedBy: "reads on when its connection was cut between two pages",
    parts: () => ({ isRepeated: () => false }),
  },
  {
    mistake: "calls a broken connection a lasting failure",
    noticedBy: cutOff,
    parts: () => ({
      failure: (what) => new ConnectorsError({ code: "QUEUE_UNAVAILABLE", message: what, hint: "check the queue" }),
    }),
  },
  {
    mistake: "does not say what to check when it cannot connect",
    noticedBy: cutOff,
    parts: () => ({ failure: (what) => new ConnectorsError({ code: "QUEUE_UNAVAILABLE", message: what, retryable: true }) }),
  },
  {
    mistake: "throws what the system says",
    noticedBy: cutOff,
    parts: () => ({
      failure(what) {
        throw new TypeError(what);
      },
    }),
  },
  {
    mistake: "does not heed the signal",
    noticedBy: aborted,
    parts: (sound) => ({
      ask: (socket, line, context) => sound.ask(socket, line, context, new AbortController().signal),
    }),
  },
  {
    mistake: "waits for ever",
    noticedBy: "ends in time when the provider at its socket falls silent, with a passing failure",
    parts: () => ({ ask: (socket, line) => askOnce(socket, line) }),
  },
  {
    mistake: "tries refused credentials again",
    noticedBy: refused,
    parts: () => ({
      refused: () => new ConnectorsError({ code: "QUEUE_UNAUTHORIZED", message: "no", hint: "set `token`", retryable: true }),
    }),
  },
  {
    mistake: "quotes the credentials",
    noticedBy: refused,
    parts: () => ({
      refused: ({ token }) =>
        new ConnectorsError({ code: "QUEUE_UNAUTHORIZED", message: `the queue refuses ${token}`, hint: "set `token`" }),
    }),
  },
];

import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { tlsCodes } from "./redis-error.ts";

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  /** Whether the url requests TLS. */
  readonly wantsTls: boolean;
}

const connectWithinMs = 1_000;
/** A server that refuses a connection says so at once, before any command. */
const refusalWithinMs = 300;
const answerWithinMs = 1_000;
const maxBytes = 512;

/**
 * Finds out why a connection that was accepted did not become one: the words with which the server refuses every connection for now, which
 * are lost to a client that writes while they arrive, or TLS on one side only. Undefined when it is neither. Sends at most a PING.
 */
export async function lookAtServer(address: ServerAddress): Promise<Error | undefined> {
  const socket = await openSocket(address);
  if (socket === undefined) return undefined;
  try {
    const unasked = await firstBytes(socket, refusalWithinMs);
    // With TLS there are no words before the handshake.
    if (unasked.startsWith("-")) return address.wantsTls ? tlsError(tlsCodes.notOffered) : replyError(unasked);
    if (!address.wantsTls) return (await speaksTls(address)) ? tlsError(tlsCodes.required) : undefined;
    socket.write("PING\r\n");
    const answer = await firstBytes(socket, answerWithinMs);
    return /^[+-][A-Z]/.test(answer) ? tlsError(tlsCodes.notOffered) : undefined;
  } finally {
    socket.destroy();
  }
}

function openSocket({ host, port }: ServerAddress): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: connectWithinMs });
    // Stays for as long as the socket lives: an unheard error would end the process.
    socket.on("error", () => resolve(undefined));
    socket.once("timeout", () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once("connect", () => {
      socket.setTimeout(0);
      resolve(socket);
    });
  });
}

/** What arrives within a time, or until the server closes; empty for nothing. */
function firstBytes(socket: Socket, withinMs: number): Promise<string> {
  return new Promise((resolve) => {
    const done = (bytes?: Buffer) => {
      clearTimeout(timer);
      socket.off("data", done);
      resolve(bytes?.toString("latin1", 0, maxBytes) ?? "");
    };
    const timer = setTimeout(done, withinMs);
    socket.once("data", done);
    socket.once("close", () => done());
  });
}

/** Whether a TLS handshake comes as far as a certificate, trusted or not. */
function speaksTls({ host, port }: ServerAddress): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTls({ host, port, timeout: connectWithinMs });
    const end = (isTls: boolean) => {
      socket.destroy();
      resolve(isTls);
    };
    socket.once("secureConnect", () => end(true));
    socket.once("timeout", () => end(false));
    socket.on("error", (error: NodeJS.ErrnoException) => end(/CERT|SIGNATURE|ISSUER/.test(error.code ?? "")));
  });
}

/** As the driver throws an error that the server answered. */
function replyError(text: string): Error {
  const [line = ""] = text.slice(1).split("\r\n", 1);
  return Object.assign(new Error(line), { name: "ReplyError" });
}

function tlsError(code: (typeof tlsCodes)[keyof typeof tlsCodes]): Error {
  const message = code === tlsCodes.required ? "the server answers only with TLS" : "the server answers without TLS";
  return Object.assign(new Error(message), { code });
}

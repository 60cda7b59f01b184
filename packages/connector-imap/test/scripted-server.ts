import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";

/**
 * Answers a command: lines without their ends, the last one without its tag. `hang up`: the connection is closed instead. `fall silent`: it
 * stays open, and nothing is answered.
 */
export type Answer = readonly string[] | "hang up" | "fall silent";

/** What a server answers, by the beginning of a command in upper case. */
export type Script = Readonly<Record<string, (command: string, times: number) => Answer>>;

/** How a server that has one mail answers, as far as a test does not say otherwise. */
export const usual: Script = {
  CAPABILITY: () => ["* CAPABILITY IMAP4rev1 AUTH=PLAIN", "OK done"],
  AUTHENTICATE: () => ["OK signed in"],
  NAMESPACE: () => ['* NAMESPACE (("" "/")) NIL NIL', "OK done"],
  LIST: () => ['* LIST () "/" INBOX', "OK done"],
  LSUB: () => ["OK done"],
  STATUS: () => ["* STATUS INBOX (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 1)", "OK done"],
  EXAMINE: () => ["* 1 EXISTS", "* OK [UIDVALIDITY 1] ok", "* OK [UIDNEXT 2] ok", "OK [READ-ONLY] done"],
  "UID SEARCH": () => ["* SEARCH 1", "OK done"],
  "UID FETCH": (command) => [fetchedMail(1, command), "OK done"],
  NOOP: () => ["OK done"],
  LOGOUT: () => ["* BYE", "OK done"],
};

/** A row of FETCH for a mail of a few words, with what the command requests. */
export function fetchedMail(uid: number, command: string): string {
  if (command.includes("BODYSTRUCTURE")) {
    const header = `From: bo@example.org\r\nTo: ada@example.com\r\nSubject: Mail ${uid}\r\nMessage-ID: <${uid}@test>\r\n\r\n`;
    const structure = '("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 5 1)';
    const facts = `UID ${uid} FLAGS () INTERNALDATE "01-Jan-2026 10:00:00 +0000" BODYSTRUCTURE ${structure}`;
    return `* ${uid} FETCH (${facts} BODY[HEADER]<0> {${header.length}}\r\n${header} BODY[1]<0> {5}\r\nhello)`;
  }
  return `* ${uid} FETCH (UID ${uid} BODY[1]<0> {5}\r\nhello)`;
}

/** A server that misbehaves as a script says, for what a sound one cannot be made to do. */
export class ScriptedServer {
  /** Commands without their tags. */
  readonly commands: string[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #script: Script;
  readonly #greeting: string;
  readonly #server = createServer((socket) => this.#serve(socket));

  constructor(script: Script = {}, greeting = "* OK ready") {
    this.#script = { ...usual, ...script };
    this.#greeting = greeting;
  }

  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    socket.write(`${this.#greeting}\r\n`);
    let authenticating: string | undefined;
    createInterface({ input: socket }).on("line", (line) => {
      const space = line.indexOf(" ");
      if (authenticating === undefined && line.slice(space + 1).startsWith("AUTHENTICATE PLAIN")) {
        authenticating = line.slice(0, space);
        return void socket.write("+ \r\n");
      }
      const [tag, command] =
        authenticating === undefined ? [line.slice(0, space), line.slice(space + 1)] : [authenticating, "AUTHENTICATE"];
      authenticating = undefined;
      this.commands.push(command);
      return this.#answer(socket, tag, command);
    });
  }

  #answer(socket: Socket, tag: string, command: string): void {
    const name = Object.keys(this.#script).find((each) => command.toUpperCase().startsWith(each));
    const times = this.commands.filter((each) => name !== undefined && each.toUpperCase().startsWith(name)).length;
    const answer = (name === undefined ? undefined : this.#script[name])?.(command, times) ?? ["BAD unknown command"];
    if (answer === "hang up") return void socket.destroy();
    if (answer === "fall silent") return;
    const [last = "", ...before] = answer.toReversed();
    const lines = [...before.toReversed(), last.startsWith("* ") ? last : `${tag} ${last}`];
    socket.write(lines.map((each) => `${each}\r\n`).join(""), "latin1");
  }
}

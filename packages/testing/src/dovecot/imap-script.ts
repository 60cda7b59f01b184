import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A mail to be put into a folder. */
export interface AppendedMail {
  readonly mail: string | Uint8Array;
  /** INTERNALDATE. Default: now. */
  readonly at?: Date;
  /** E.g. `["\\Draft"]`. */
  readonly flags?: readonly string[];
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A plain IMAP client for tests: it sends commands as they are, and knows nothing of what is tested. */
export class ImapScript {
  readonly #socket: Socket;
  #text = "";
  #count = 0;
  #wake: () => void = () => undefined;
  #isClosed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => {
      this.#text += chunk;
      this.#wake();
    });
    socket.on("close", () => {
      this.#isClosed = true;
      this.#wake();
    });
    socket.on("error", () => undefined);
  }

  static async open(port: number, user: string, password: string): Promise<ImapScript> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    const script = new ImapScript(socket);
    await script.command(`LOGIN "${user}" "${password}"`);
    return script;
  }

  /** Sends a command, and returns everything that was answered up to its end. Rejects when it is not OK. */
  async command(line: string): Promise<string> {
    const tag = this.#nextTag();
    this.#socket.write(`${tag} ${line}\r\n`);
    return this.#answerTo(tag);
  }

  /** Puts mails into a folder, in this order. Returns when the server has all of them. */
  async append(folder: string, mails: readonly AppendedMail[]): Promise<void> {
    const tags = mails.map(({ mail, at, flags = [] }) => {
      const tag = this.#nextTag();
      const bytes = typeof mail === "string" ? Buffer.from(mail, "utf8") : Buffer.from(mail);
      const date = at === undefined ? "" : ` "${internalDate(at)}"`;
      // LITERAL+: the server is not waited for.
      this.#socket.write(`${tag} APPEND "${folder}" (${flags.join(" ")})${date} {${bytes.length}+}\r\n`);
      this.#socket.write(bytes);
      this.#socket.write("\r\n");
      return tag;
    });
    for (const tag of tags) await this.#answerTo(tag);
  }

  end(): void {
    this.#socket.destroy();
  }

  #nextTag(): string {
    this.#count += 1;
    return `A${this.#count}`;
  }

  async #answerTo(tag: string): Promise<string> {
    const completion = `${tag} `;
    for (;;) {
      const start = this.#text.startsWith(completion) ? 0 : this.#text.indexOf(`\r\n${completion}`) + 2;
      const end = start < 2 && !this.#text.startsWith(completion) ? -1 : this.#text.indexOf("\r\n", start);
      if (end !== -1) {
        const answer = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        const last = answer.slice(start);
        if (last.startsWith(`${completion}OK`)) return answer;
        throw new Error(`the server answered ${last}`);
      }
      if (this.#isClosed) throw new Error("the server closed the connection");
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function internalDate(at: Date): string {
  const time = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map(two).join(":");
  return `${two(at.getUTCDate())}-${months[at.getUTCMonth()] ?? ""}-${at.getUTCFullYear()} ${time} +0000`;
}

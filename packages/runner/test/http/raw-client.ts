import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A TCP connection on which a test writes what no HTTP client would. */
export class RawConnection {
  readonly #socket: Socket;
  #received = "";
  #ended = false;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk) => {
      this.#received += chunk.toString("latin1");
      this.#wake();
    });
    // A reset is one of the ways in which a server may end a connection.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#ended = true;
      this.#wake();
    });
  }

  static async open(port: number): Promise<RawConnection> {
    const connection = new RawConnection(connect(port, "127.0.0.1"));
    await once(connection.#socket, "connect");
    return connection;
  }

  send(text: string | Uint8Array): void {
    this.#socket.write(typeof text === "string" ? Buffer.from(text, "latin1") : text);
  }

  /** Says that nothing more will be sent, and continues reading. */
  end(): void {
    this.#socket.end();
  }

  /** Vanishes, as a client does that crashes. */
  destroy(): void {
    this.#socket.resetAndDestroy();
  }

  /** Resolves when the server has closed the connection. */
  async closed(): Promise<void> {
    await this.#until(() => this.#ended);
  }

  /** The next response, or undefined when the connection ends without one. */
  async response(options: { readonly headOnly?: boolean } = {}): Promise<RawResponse | undefined> {
    let parsed: { response: RawResponse; length: number } | undefined;
    await this.#until(() => (parsed = parseResponse(this.#received, options.headOnly ?? false)) !== undefined || this.#ended);
    if (parsed === undefined) return undefined;
    this.#received = this.#received.slice(parsed.length);
    return parsed.response;
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function parseResponse(text: string, headOnly: boolean): { response: RawResponse; length: number } | undefined {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd === -1) return undefined;
  const [statusLine = "", ...lines] = text.slice(0, headEnd).split("\r\n");
  const headers: Record<string, string> = {};
  for (const line of lines) headers[line.slice(0, line.indexOf(":")).toLowerCase()] = line.slice(line.indexOf(":") + 1).trim();
  const bodyAt = headEnd + 4;
  const status = Number(statusLine.split(" ")[1]);
  const hasBody = !headOnly && status >= 200;
  const length = hasBody ? Number(headers["content-length"] ?? 0) : 0;
  if (text.length < bodyAt + length) return undefined;
  return { response: { status, headers, body: text.slice(bodyAt, bodyAt + length) }, length: bodyAt + length };
}

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

/** One answer of a provider, as it was recorded. The field names are those of `@octokit/fixtures` and nock. */
export interface Recording {
  /** Default GET. */
  readonly method?: string;
  /** Path and query. */
  readonly path: string;
  /** Default 200. */
  readonly status?: number;
  /** Some recordings hold counts as numbers. */
  readonly headers?: Readonly<Record<string, string | number>>;
  /** Text as it is; anything else as JSON. */
  readonly response?: unknown;
  /** The origin it was recorded from: links to it, in headers and answers, lead to the replay instead. */
  readonly scope?: string;
}

/** Plays recorded answers over HTTP. */
export interface ReplayServer {
  readonly url: string;
  /** Requests that no recording answers, as `METHOD path`; they got 501. A test expects none. */
  readonly unknown: readonly string[];
  /** Recordings that were not requested, in the same form. */
  readonly unrequested: readonly string[];
  close(): Promise<void>;
}

/** Framing is the server's to say, and encodings were undone when it was recorded. */
const leftOut = new Set(["content-length", "content-encoding", "transfer-encoding", "connection", "keep-alive"]);

/**
 * Starts a server on a free port that answers as recorded and strictly: method, path and query must be the same. Of several recordings of one
 * request each is played once, in order; the last one for good.
 */
export async function startReplayServer(recordings: readonly Recording[]): Promise<ReplayServer> {
  const waiting = recordings.map((recording) => ({ recording, played: false }));
  const unknown: string[] = [];
  const server = createServer((request, response) => void play(request, response));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;

  const play = async (request: IncomingMessage, response: ServerResponse) => {
    await text(request);
    const asked = `${request.method} ${request.url}`;
    const takes = waiting.filter(({ recording }) => nameOf(recording) === asked);
    const take = takes.find(({ played }) => !played) ?? takes.at(-1);
    if (take === undefined) {
      unknown.push(asked);
      response.writeHead(501).end(`nothing is recorded for ${asked}`);
      return;
    }
    take.played = true;
    answer(response, take.recording, url);
  };

  return {
    url,
    unknown,
    get unrequested() {
      return waiting.filter(({ played }) => !played).map(({ recording }) => nameOf(recording));
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function nameOf({ method = "GET", path }: Recording): string {
  return `${method.toUpperCase()} ${path}`;
}

function answer(response: ServerResponse, recording: Recording, url: string): void {
  const { status = 200, headers = {}, response: body } = recording;
  const origin = recording.scope?.replace(/:443$/, "");
  const here = (recorded: string) => (origin === undefined ? recorded : recorded.replaceAll(origin, url));
  for (const [name, value] of Object.entries(headers))
    if (!leftOut.has(name.toLowerCase())) response.setHeader(name, here(String(value)));
  response.writeHead(status);
  response.end(body === undefined ? "" : here(typeof body === "string" ? body : JSON.stringify(body)));
}

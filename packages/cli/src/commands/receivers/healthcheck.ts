import { connect } from "node:net";
import { parseArgs } from "node:util";

/** Where a runner listens, and how long it has to answer. */
export interface HealthcheckOptions {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly timeoutMs: number;
}

const defaultPort = 3000;
const defaultTimeoutMs = 3_000;

/**
 * The options of `healthcheck`; undefined when they are not right or help is wanted, which the whole command line explains. `$PORT` is the port
 * unless `--port` says another.
 */
export function readHealthcheckArgs(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): HealthcheckOptions | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { host: { type: "string" }, port: { type: "string" }, ready: { type: "boolean" }, timeout: { type: "string" } },
    });
    const port = toNumber(values.port ?? (env["PORT"] || undefined), defaultPort, 65_535);
    const timeoutMs = toNumber(values.timeout, defaultTimeoutMs, 600_000);
    if (port === undefined || timeoutMs === undefined) return undefined;
    return { host: values.host ?? "127.0.0.1", port, path: values.ready === true ? "/readyz" : "/healthz", timeoutMs };
  } catch {
    return undefined;
  }
}

function toNumber(text: string | undefined, fallback: number, most: number): number | undefined {
  if (text === undefined) return fallback;
  const number = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= most ? number : undefined;
}

/** Far more than a status line and its headers. */
const mostBytes = 16 * 1024;

/**
 * Why the runner is not healthy, in a sentence; undefined when it answers 200. It speaks HTTP by itself: loading `node:http` would take longer than
 * everything else that this command does.
 */
export function checkHealth({ host, port, path, timeoutMs }: HealthcheckOptions): Promise<string | undefined> {
  const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const where = `http://${authority}${path}`;
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let answer = "";
    const end = (fault: string | undefined) => {
      clearTimeout(deadline);
      socket.destroy();
      resolve(fault);
    };
    const deadline = setTimeout(() => end(`${where} does not answer within ${timeoutMs} ms`), timeoutMs);
    socket.setEncoding("latin1");
    socket.on("connect", () => socket.write(`GET ${path} HTTP/1.1\r\nHost: ${authority}\r\nConnection: close\r\n\r\n`));
    socket.on("data", (chunk) => {
      answer += String(chunk);
      const status = /^HTTP\/1\.[01] (\d{3})[ \r]/.exec(answer)?.[1];
      if (status !== undefined) end(status === "200" ? undefined : `${where} answers ${status}`);
      else if (answer.length > mostBytes) end(`${where} does not answer as HTTP`);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => end(`${where} cannot be reached: ${error.code ?? error.message}`));
    socket.on("end", () => end(`${where} does not answer as HTTP`));
  });
}

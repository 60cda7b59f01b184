import { request } from "node:http";
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

/** Why the runner is not healthy, in a sentence; undefined when it answers 200. */
export function checkHealth({ host, port, path, timeoutMs }: HealthcheckOptions): Promise<string | undefined> {
  const where = `http://${host.includes(":") ? `[${host}]` : host}:${port}${path}`;
  return new Promise((resolve) => {
    const sent = request({ host, port, path, agent: false, headers: { connection: "close" } }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 ? undefined : `${where} answers ${response.statusCode}`);
      sent.destroy();
    });
    sent.setTimeout(timeoutMs, () => resolve(`${where} does not answer within ${timeoutMs} ms`));
    const deadline = setTimeout(() => {
      resolve(`${where} does not answer within ${timeoutMs} ms`);
      sent.destroy();
    }, timeoutMs);
    deadline.unref();
    sent.on("error", (error: NodeJS.ErrnoException) => resolve(`${where} cannot be reached: ${error.code ?? error.message}`));
    sent.end();
  });
}

import { resolve } from "node:path";
import type { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { ConnectorsError, type Logger } from "@statewave-connectors/connector-sdk";
import { foreignOwnerHint, type Sink } from "@statewave-connectors/connector-sdk/host";
import type { RequestObserver } from "./request-observer.ts";
import { invalidUrl, type ServerOptions, serverOptions } from "./statewave/open-server.ts";
import { StatewaveSink } from "./statewave/statewave-sink.ts";

export interface OpenSinkOptions extends ServerOptions {
  /** Where relative file paths start from. Default: the working directory. */
  readonly baseDir?: string | undefined;
  readonly logger: Logger;
  /** Default: the process's stdout. */
  readonly stdout?: Writable | undefined;
  readonly onRequest?: RequestObserver | undefined;
}

/**
 * Opens the sink that `url` names. A server is not contacted: one that is down or refuses never fails a start. Throws
 * `SINK_CONFIG_INVALID`, and `SINK_FILE_UNUSABLE` for a file that cannot be opened or is foreign.
 */
export async function openSink(options: OpenSinkOptions): Promise<Sink> {
  const { statewave, clock, logger, onRequest } = options;
  const { url } = statewave;
  if (url === "stdout:") {
    const { StdoutSink } = await import("./stdout-sink.ts");
    return new StdoutSink({ stream: options.stdout ?? process.stdout, clock, onRequest });
  }
  if (url.startsWith("file:")) return openFileSink(filePath(url, options.baseDir ?? process.cwd()), options);
  return new StatewaveSink({ ...serverOptions(options), logger, onRequest });
}

async function openFileSink(path: string, { clock, logger, onRequest }: OpenSinkOptions): Promise<Sink> {
  const [{ FileSink }, { JsonLinesFile }] = await Promise.all([import("./file-sink.ts"), import("./json-lines-file.ts")]);
  const file = new JsonLinesFile(path);
  const tornBytes = await file.open().catch((error: unknown) => {
    if (error instanceof ConnectorsError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw new ConnectorsError({
      code: "SINK_FILE_UNUSABLE",
      message: `${path} cannot be opened for writing: ${code}`,
      hint: foreignOwnerHint(path) ?? "check [statewave] url and the rights on the file and its folder",
      cause: error,
    });
  });
  if (tornBytes > 0)
    logger.warn("cut a half-written line off the episodes file; it was never acknowledged", { path, bytes: tornBytes });
  return new FileSink({ path, file, clock, onRequest });
}

/** `file:./x` and `file:x` are relative; `file:/x` and `file:///x` are not. */
function filePath(url: string, baseDir: string): string {
  const path = url.slice("file:".length);
  if (path === "") throw invalidUrl("it names no file");
  if (!path.startsWith("//")) return resolve(baseDir, path);
  try {
    return fileURLToPath(url);
  } catch {
    throw invalidUrl("file:// must be followed by an absolute path");
  }
}

import { createHash } from "node:crypto";
import { tmpdir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import type { ConnectorsConfig } from "@statewave-connectors/config";

/** The kernel keeps about 108 bytes for a Unix socket's path, terminator included. */
const longestSocketPathBytes = 100;

/**
 * Where a running runner listens for tools: beside its state. When that path would be too long for a socket, in a folder of the user's
 * own under the temp dir, named after a hash of it, so that runner and tool agree.
 */
export function controlSocketPath(config: ConnectorsConfig): string {
  const { state, stateDir } = config.runner;
  const statePath = state.options["path"];
  const base = typeof statePath === "string" ? resolve(config.baseDir, statePath) : join(stateDir, "runner");
  const beside = `${base}.sock`;
  if (Buffer.byteLength(beside) <= longestSocketPathBytes) return beside;
  const hash = createHash("sha256").update(beside).digest("hex").slice(0, 16);
  return join(tmpdir(), `statewave-connectors-${userInfo().uid}`, `${hash}.sock`);
}

import { createHash } from "node:crypto";
import { tmpdir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import type { ConnectorsConfig } from "@statewave-connectors/config";

/** The kernel keeps about 108 bytes for a Unix socket's path, terminator included. */
const longestSocketPathBytes = 100;

/**
 * Where a running runner listens for tools: beside its state, or, when that lies elsewhere than on this disk, in `state_dir`, with a hash
 * of where it lies in the name: two configurations in one folder have different runners, and a tool must not reach the other's. When the
 * path would be too long for a socket, in a folder of the user's own under the temp dir, named after a hash of it, so that runner and
 * tool agree.
 */
export function controlSocketPath(config: ConnectorsConfig): string {
  const { state, inbox, stateDir } = config.runner;
  const { path: statePath, ...elsewhere } = placeOf(state.options);
  const place = Object.keys(elsewhere).length === 0 ? "" : `-${shortHash(JSON.stringify([state.kind, elsewhere, inbox.kind]))}`;
  const base = statePath === undefined ? join(stateDir, `runner${place}`) : resolve(config.baseDir, statePath);
  const beside = `${base}.sock`;
  if (Buffer.byteLength(beside) <= longestSocketPathBytes) return beside;
  return join(tmpdir(), `statewave-connectors-${userInfo().uid}`, `${shortHash(beside)}.sock`);
}

/** Of a store's options those that say where it is: its texts, without credentials, which a hash must not confirm a guess of. */
function placeOf(options: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const texts = Object.entries(options).filter((option): option is [string, string] => typeof option[1] === "string");
  return Object.fromEntries(
    texts.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, text]) => [name, withoutCredentials(text)]),
  );
}

function withoutCredentials(text: string): string {
  const url = URL.parse(text);
  return url === null || url.host === "" ? text : `${url.protocol}//${url.host}${url.pathname}`;
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import type { ConnectorsConfig } from "@statewave-connectors/config";
import { isSecret, revealed } from "@statewave-connectors/connector-sdk/secrets";
import type { SocketPlace } from "./socket-place.ts";
import { isOwnPrivateFolder } from "./socket-trust.ts";

/** The kernel keeps about 108 bytes for a Unix socket's path, terminator included. */
const longestSocketPathBytes = 100;

/** What the choice depends on besides the configuration. */
export interface SocketContext {
  /** Undefined where users have no numbers (Windows). */
  readonly uid: number | undefined;
  readonly runtimeDir: string | undefined;
  readonly tempDir: string;
}

/** The first of `controlSocketPlaces`: where a runner listens. */
export function controlSocketPath(config: ConnectorsConfig, context?: SocketContext): string {
  return controlSocketPlaces(config, context)[0].path;
}

/**
 * Where a running runner listens for tools: beside its state, or, when that lies elsewhere than on this disk, in `state_dir`, with a hash
 * of where it lies in the name: two configurations in one folder have different runners, and a tool must not reach the other's.
 *
 * When that path is too long for a socket, the name is a hash of it in a folder of the user's own: under `$XDG_RUNTIME_DIR` where that is
 * usable, else under the temp dir. A runner listens in the first place; a tool tries all of them, because a service has no
 * `$XDG_RUNTIME_DIR` and the shell of the same user has one.
 */
export function controlSocketPlaces(
  config: ConnectorsConfig,
  context = contextOfProcess(),
): readonly [SocketPlace, ...SocketPlace[]] {
  const { state, inbox, stateDir } = config.runner;
  const { path: statePath, ...elsewhere } = placeOf(state.options);
  const place = Object.keys(elsewhere).length === 0 ? "" : `-${shortHash(JSON.stringify([state.kind, elsewhere, inbox.kind]))}`;
  const base = statePath === undefined ? join(stateDir, `runner${place}`) : resolve(config.baseDir, statePath);
  const beside = `${base}.sock`;
  if (isShortEnough(beside)) return [{ path: beside, folder: "state" }];
  const [first, ...others] = ownFolders(context)
    .map((folder) => join(folder, `${shortHash(beside)}.sock`))
    .filter(isShortEnough)
    .map((path) => ({ path, folder: "own" }) as const);
  // `/tmp` is always short enough.
  return [first!, ...others];
}

function contextOfProcess(): SocketContext {
  return { uid: process.getuid?.(), runtimeDir: process.env["XDG_RUNTIME_DIR"], tempDir: tmpdir() };
}

/** Folders that this user alone may enter, the preferred one first. */
function ownFolders({ uid, runtimeDir, tempDir }: SocketContext): readonly string[] {
  const name = "statewave-connectors";
  const inTempDirs = [tempDir, "/tmp"].map((parent) => join(parent, `${name}-${uid ?? "user"}`));
  if (uid === undefined) return inTempDirs;
  const ofThisSession = runtimeDir !== undefined && isUsable(runtimeDir, uid) ? [join(runtimeDir, name)] : [];
  const anySession = `/run/user/${uid}`;
  const ofAnySession = anySession !== runtimeDir && isUsable(anySession, uid) ? [join(anySession, name)] : [];
  return [...ofThisSession, ...inTempDirs, ...ofAnySession];
}

/** Whether a folder for a session's sockets is what the XDG specification demands: absolute, this user's, mode 0700. */
function isUsable(runtimeDir: string, uid: number): boolean {
  return isAbsolute(runtimeDir) && isOwnPrivateFolder(runtimeDir, uid);
}

function isShortEnough(path: string): boolean {
  return Buffer.byteLength(path) <= longestSocketPathBytes;
}

/** Of a store's options those that say where it is: its texts, without credentials, which a hash must not confirm a guess of. */
function placeOf(options: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const texts = Object.entries(options).flatMap(([name, value]): [string, string][] =>
    typeof value === "string" || isSecret(value) ? [[name, revealed(value)]] : [],
  );
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

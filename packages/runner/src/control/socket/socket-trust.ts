import { lstatSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import { ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import type { SocketPlace } from "./socket-place.ts";

const root = 0;
/** The mode bits of group and others. */
const othersRights = 0o077;
const othersMayWrite = 0o022;

/** Whether `path` is a folder, not a link to one, that `uid` alone may enter. */
export function isOwnPrivateFolder(path: string, uid: number): boolean {
  const status = lookAt(() => lstatSync(path), path);
  return status !== undefined && whyNotOwnPrivate(status, uid) === undefined;
}

/**
 * Whether there is a control socket at its place. Throws `RUNNER_CONTROL_UNSAFE` when another user could be behind it, and
 * `RUNNER_CONTROL_FORBIDDEN` when this user may not look.
 */
export function isSocketThere({ path, folder }: SocketPlace, uid = process.getuid?.()): boolean {
  const holder = dirname(path);
  const holding = lookAt(() => (folder === "own" ? lstatSync(holder) : statSync(holder)), holder);
  if (holding === undefined) return false;
  if (folder === "own") requireOwnFolder(holder, holding, uid);
  const status = lookAt(() => lstatSync(path), path);
  if (status === undefined) return false;
  if (status.isSymbolicLink()) throw unsafe(path, "it is a symbolic link");
  if (status.isSocket() && uid !== undefined && !isTrustedOwner(status.uid, holding, folder, uid)) {
    throw unsafe(path, ofAnotherUser(status.uid), askFor(status.uid));
  }
  return status.isSocket();
}

/** Throws `RUNNER_CONTROL_FORBIDDEN`, as every command does, when the socket is in a folder that this user may not enter. */
export function requireAccess(place: SocketPlace): void {
  try {
    isSocketThere(place);
  } catch (error) {
    if (isConnectorsError(error, "RUNNER_CONTROL_FORBIDDEN")) throw error;
  }
}

/** Throws `RUNNER_CONTROL_UNSAFE` unless the folder at `path` is this user's alone. */
export function requireOwnFolder(path: string, status: Stats = lstatSync(path), uid = process.getuid?.()): void {
  if (uid === undefined) return;
  const why = whyNotOwnPrivate(status, uid);
  if (why !== undefined)
    throw unsafe(
      path,
      why,
      status.uid === uid
        ? removeIt
        : `${askFor(status.uid)}, or move the state to a shorter path, beside which the socket then lies`,
    );
}

function whyNotOwnPrivate(status: Stats, uid: number): string | undefined {
  if (status.isSymbolicLink()) return "it is a symbolic link";
  if (!status.isDirectory()) return "it is not a folder";
  if (status.uid !== uid) return ofAnotherUser(status.uid);
  if ((status.mode & othersRights) !== 0) return `its mode is 0${(status.mode & 0o777).toString(8)}, not 0700`;
  return undefined;
}

/** Root trusts a socket of the user who owns the folder of the state, unless a third user may write there. */
function isTrustedOwner(owner: number, holding: Stats, folder: SocketPlace["folder"], uid: number): boolean {
  if (owner === uid || owner === root) return true;
  return uid === root && folder === "state" && owner === holding.uid && (holding.mode & othersMayWrite) === 0;
}

function lookAt(look: () => Stats, path: string): Stats | undefined {
  try {
    return look();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (code === "EACCES" || code === "EPERM") throw forbidden(path, error);
    throw error;
  }
}

const removeIt = "remove it; the runner creates it at its next start, for its own user alone";

/** In a sticky folder such as /tmp no other user may remove it. */
function askFor(owner: number): string {
  return `ask user ${owner} or root to remove it`;
}

function ofAnotherUser(owner: number): string {
  return `it belongs to user ${owner}`;
}

function unsafe(path: string, why: string, hint = removeIt): ConnectorsError {
  return new ConnectorsError({
    code: "RUNNER_CONTROL_UNSAFE",
    message: `${path} cannot be trusted with the control socket: ${why}`,
    hint,
  });
}

/** The state is there, but another user's. */
export function forbidden(path: string, cause: unknown): ConnectorsError {
  const owner = ownerOf(path);
  return new ConnectorsError({
    code: "RUNNER_CONTROL_FORBIDDEN",
    message: `the state belongs to ${owner === undefined ? "another user" : `user ${owner}`}: permission denied for ${path}`,
    hint: "run the command as the user who runs the runner, with sudo -u for instance, or set a state_dir that this user may use",
    cause,
  });
}

/** Of a file or, where that cannot be seen, of its folder. */
function ownerOf(path: string): number | undefined {
  for (const visible of [path, dirname(path)]) {
    try {
      const { uid } = lstatSync(visible);
      return uid === process.getuid?.() ? undefined : uid;
    } catch {
      // The folder above it may be seen.
    }
  }
  return undefined;
}

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";

const packagedWorker = "@statewave-connectors/inbox-file/worker";
const besideBundle = ["inbox-file-worker.js", "inbox-file-worker.mjs", "inbox-file-worker.cjs"];

/**
 * The program of the inbox's thread: in this package, beside a bundle under the name that the guide gives it, or among the installed
 * packages, because a bundler moves this module without it.
 *
 * `moduleUrl` is undefined in a bundle of CommonJS, which has no `import.meta`. Throws `INBOX_WORKER_MISSING`.
 */
export function findWorker(moduleUrl: string | undefined, mainFile: string | undefined): URL {
  const extension = moduleUrl?.endsWith(".ts") === true ? "ts" : "js";
  const base = moduleUrl ?? (mainFile === undefined ? undefined : pathToFileURL(mainFile).href);
  if (base === undefined) throw missing("the folder of this program");
  const places = [`./worker/worker.${extension}`, ...besideBundle.map((name) => `./${name}`)].map((name) => new URL(name, base));
  const found = places.find((place) => existsSync(place)) ?? installedWorker(base);
  if (found === undefined) throw missing(new URL(".", base).pathname);
  return found;
}

function installedWorker(base: string): URL | undefined {
  try {
    return pathToFileURL(createRequire(base).resolve(packagedWorker));
  } catch {
    return undefined;
  }
}

function missing(folder: string): ConnectorsError {
  return new ConnectorsError({
    code: "INBOX_WORKER_MISSING",
    message: `the program of the inbox's thread is not in ${folder}, where it is looked for beside a bundle`,
    hint: `bundle ${packagedWorker} to inbox-file-worker.js beside the program, or leave the package out of the bundle`,
  });
}

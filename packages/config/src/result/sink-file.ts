import { resolve } from "node:path";

/** The file that `[statewave] url` names; undefined for a server and `stdout:`. `file:./x` and `file:x` are relative, `file:/x` and `file:///x` are not. */
export function sinkFile(url: string, baseDir: string): string | undefined {
  return url.startsWith("file:") ? resolve(baseDir, url.slice("file:".length).replace(/^\/{3}/, "/")) : undefined;
}

import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { ConnectorsConfig } from "@statewave-connectors/config";
import type { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { placeUsed } from "../errors.ts";
import { claimName, type TrialPlace, trialName } from "./trial-place.ts";

const longestStepMs = 4_000;

/** Folders beside the files of the state and the inbox, so that they lie on the same disks. */
export function folderPlace({ baseDir, runner }: ConnectorsConfig): TrialPlace {
  const besides = (path: unknown) =>
    join(typeof path === "string" ? dirname(resolve(baseDir, path)) : runner.stateDir, trialName);
  const [stateFolder, inboxFolder] = [besides(runner.state.options["path"]), besides(runner.inbox.options["path"])];
  const folders = [...new Set([stateFolder, inboxFolder])];
  const { layout } = runner.state.options;
  return {
    name: `file, folder ${folders.join(" and ")}`,
    processes: 1,
    longestStepMs,
    server: { unreachedBy: "files are not behind a network" },
    tables: () => ({
      state: { kind: "file", path: join(stateFolder, "cursors.json"), ...(layout === undefined ? {} : { layout }) },
      inbox: { kind: "file", path: join(inboxFolder, "inbox.sqlite") },
    }),
    async claim() {
      for (const folder of folders) {
        const [first] = await namesIn(folder);
        if (first !== undefined) throw used(folder, first);
      }
      await mkdir(stateFolder, { recursive: true });
      // Of two trials that found nothing, one makes it.
      await writeFile(join(stateFolder, claimName), "", { flag: "wx" }).catch((error: unknown) => {
        throw codeOf(error) === "EEXIST" ? used(stateFolder, claimName) : error;
      });
    },
    async clear() {
      await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
    },
  };
}

function used(folder: string, file: string): ConnectorsError {
  const hint = `remove ${folder}, if it is what an earlier trial left: one that was killed, or had \`--keep\``;
  return placeUsed(`the folder ${folder}`, `the file ${file}`, hint);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

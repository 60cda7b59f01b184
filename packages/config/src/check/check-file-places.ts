import { resolve } from "node:path";
import { revealed, isSecret } from "@statewave-connectors/connector-sdk/secrets";
import { sinkFile } from "../result/sink-file.ts";
import type { CheckedAdapter, CheckedAdapters } from "./check-adapters.ts";
import type { ProblemList } from "./problems.ts";

/** Where relative paths begin, and where files are that no option names. */
interface Places {
  readonly baseDir: string;
  readonly stateDir: string;
}

/** A file with two uses loses data: a checkpoint replaces queued webhooks, and an episode makes the file unreadable. */
export function checkFilePlaces(
  { state, inbox }: CheckedAdapters,
  sinkUrl: string | undefined,
  places: Places,
  problems: ProblemList,
): void {
  const [stateFiles, inboxFiles] = [filesOf(state, places), filesOf(inbox, places)];
  const shared = inboxFiles.find((file) => stateFiles.includes(file));
  if (shared !== undefined) {
    const [at, other] = Object.hasOwn(inbox.options, "path") ? ["inbox", "state"] : ["state", "inbox"];
    problems.add(["runner", at, "path"], `is a file of [runner.${other}]: ${shared}`, otherFile);
  }
  const episodes = sinkUrl === undefined ? undefined : sinkFile(sinkUrl, places.baseDir);
  const isTaken = (files: readonly string[]) => episodes !== undefined && files.includes(episodes);
  const table = isTaken(stateFiles) ? "state" : isTaken(inboxFiles) ? "inbox" : undefined;
  if (table !== undefined) problems.add(["statewave", "url"], `names a file of [runner.${table}]`, otherFile);
}

const otherFile = "name another file";

/** What it writes; of a package that does not say that, what its `path` names, where it lives in files or does not say where. */
function filesOf({ options, livesIn = "files", files }: CheckedAdapter, places: Places): readonly string[] {
  if (livesIn !== "files") return [];
  const { path } = options;
  const named = isSecret(path) ? revealed(path) : path;
  if (files !== undefined) return files({ ...options, path: named }, places);
  return typeof named === "string" ? [resolve(places.baseDir, named)] : [];
}

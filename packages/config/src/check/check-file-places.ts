import { resolve } from "node:path";
import { revealed, isSecret } from "@statewave-connectors/connector-sdk/secrets";
import { sinkFile } from "../result/sink-file.ts";
import type { CheckedAdapter, CheckedAdapters } from "./check-adapters.ts";
import type { ProblemList } from "./problems.ts";

/** A file with two uses loses data: a checkpoint replaces queued webhooks, and an episode makes the file unreadable. */
export function checkFilePlaces(
  { state, inbox }: CheckedAdapters,
  sinkUrl: string | undefined,
  baseDir: string,
  problems: ProblemList,
): void {
  const [stateFile, inboxFile] = [fileOf(state, baseDir), fileOf(inbox, baseDir)];
  if (stateFile !== undefined && stateFile === inboxFile)
    problems.add(["runner", "inbox", "path"], "is the file of [runner.state], which replaces it with each cursor", otherFile);
  const episodes = sinkUrl === undefined ? undefined : sinkFile(sinkUrl, baseDir);
  if (episodes === undefined || (episodes !== stateFile && episodes !== inboxFile)) return;
  const table = episodes === stateFile ? "state" : "inbox";
  problems.add(["statewave", "url"], `names the file of [runner.${table}]`, otherFile);
}

const otherFile = "name another file";

/** What its `path` names, where it lives in files or does not say where. */
function fileOf({ options, livesIn = "files" }: CheckedAdapter, baseDir: string): string | undefined {
  const { path } = options;
  return livesIn === "files" && (typeof path === "string" || isSecret(path)) ? resolve(baseDir, revealed(path)) : undefined;
}

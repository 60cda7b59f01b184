import { type CheckResult, describeError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { openFolder } from "./folder/folder.ts";
import { LeftOut, type SkipReason } from "./folder/left-out.ts";
import { documentBuffer, maxDocumentBytes, readDocument } from "./folder/read-document.ts";
import { type Found, walkFolder } from "./folder/walk.ts";
import { newWalk } from "./pull.ts";
import type { PullInput } from "./pull-input.ts";

/** So many documents are opened, up to so many bytes; of further ones only name and size are judged. */
const maxOpened = { documents: 1_000, bytes: 64 * 1024 * 1024 };

/** How many documents there are, and what is not read for which reason. */
export async function checkFolder(
  input: Pick<PullInput, "path" | "patterns" | "readsConflicts">,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  const { path } = input;
  try {
    const leftOut = new LeftOut();
    const folder = await openFolder(path);
    const buffer = documentBuffer();
    const opened = { documents: 0, bytes: 0 };
    let documents = 0;
    const reasonFor = async (found: Found): Promise<SkipReason | undefined> => {
      if ("skipped" in found) return found.skipped;
      if (found.stats.size > maxDocumentBytes) return "too_large";
      if (opened.documents >= maxOpened.documents || opened.bytes >= maxOpened.bytes) return undefined;
      opened.documents += 1;
      opened.bytes += found.stats.size;
      const reading = await readDocument(folder, found.path, buffer);
      return "skipped" in reading ? reading.skipped : undefined;
    };
    for await (const found of walkFolder(newWalk(input, folder, signal))) {
      const reason = await reasonFor(found);
      if (reason === undefined) documents += 1;
      else leftOut.add(reason, found.path);
    }
    const counted: CheckResult =
      documents > 0
        ? { ok: true, message: `${documents} ${documents === 1 ? "document matches" : "documents match"} in ${path}` }
        : { ok: false, message: `no file in ${path} matches: check \`include\` and \`exclude\`` };
    return [counted, ...leftOut.sentences().map((message) => ({ ok: true, message }))];
  } catch (error) {
    signal.throwIfAborted();
    return [{ ok: false, message: describeError(error), ...(isConnectorsError(error) ? { error } : {}) }];
  }
}

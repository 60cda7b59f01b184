import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { isAbsence, systemCode } from "./folder/file-errors.ts";

/** How deletions are reported of a folder that is empty on purpose. */
export const emptiedHint =
  "mount the volume; if the documents were deleted on purpose, put any file into the folder, and the next run reports the deletions";

/** Why the folder of an entry cannot be read. Whatever is no error of the file system is passed on. */
export function folderError(name: string, error: unknown): unknown {
  const code = systemCode(error);
  if (code === undefined) return error;
  if (isAbsence(error)) return folderMissing(name, error);
  return new ConnectorsError({
    code: "MARKDOWN_FOLDER_UNREADABLE",
    message: `the folder ${name} cannot be read (${code})`,
    hint: "give the user that runs the runner the right to read it",
    retryable: true,
    cause: error,
  });
}

export function folderMissing(name: string, cause?: unknown): ConnectorsError {
  return new ConnectorsError({
    code: "MARKDOWN_FOLDER_MISSING",
    message: `there is no folder ${name}`,
    hint: "check `path`, which starts from the configuration file's folder; nothing is reported as deleted meanwhile",
    retryable: true,
    cause,
  });
}

/** The entry's folder held documents, and is without any file. */
export function folderEmpty(name: string, documents: number): ConnectorsError {
  return new ConnectorsError({
    code: "MARKDOWN_FOLDER_EMPTY",
    message: `the folder ${name} is empty, but held ${documents} documents`,
    hint: emptiedHint,
    retryable: true,
  });
}

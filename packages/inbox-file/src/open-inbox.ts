import { join, resolve } from "node:path";
import { ConnectorsError, type OpenInbox } from "@statewave-connectors/connector-sdk";
import { FileInbox } from "./file-inbox.ts";
import { startWorker } from "./worker-link.ts";

/**
 * Opens the inbox file, `path` or `inbox.sqlite` in the state folder; creates it and its folder when missing. One process at a time:
 * throws `INBOX_LOCKED` while another holds it, `INBOX_FILE_CORRUPT` or `INBOX_FILE_VERSION` when it cannot be read (and leaves it as it
 * is), `INBOX_UNAVAILABLE` when it cannot be created.
 */
export const openInbox: OpenInbox = async (options, limits, { clock, logger, baseDir, stateDir }) => {
  const path = options["path"];
  if (path !== undefined && (typeof path !== "string" || path === "")) {
    throw new ConnectorsError({
      code: "INBOX_OPTION_INVALID",
      message: `the file inbox's path is ${JSON.stringify(path)}`,
      hint: 'give the path of a file, e.g. path = "./inbox.sqlite", or leave it out',
    });
  }
  const file = path === undefined ? join(stateDir, "inbox.sqlite") : resolve(baseDir, path);
  const inbox = new FileInbox({ worker: { path: file, ...limits }, startWorker, clock, logger });
  await inbox.opened();
  return inbox;
};

import { readFile, stat } from "node:fs/promises";
import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { checkFileSize } from "../toml/parse-toml.ts";
import { unreadable } from "./find-config.ts";

/** A file that is too large is refused before it fills the memory. */
export async function readBounded(path: string): Promise<Uint8Array> {
  try {
    const found = await stat(path);
    // A pipe or a device has no size, and may have no end.
    if (!found.isFile()) throw unreadable(path, new Error("it is no regular file"));
    checkFileSize(found.size, path);
    return await readFile(path);
  } catch (error) {
    throw isConnectorsError(error) ? error : unreadable(path, error);
  }
}

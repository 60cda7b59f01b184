import { readFile, stat } from "node:fs/promises";
import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { checkFileSize } from "../toml/parse-toml.ts";
import { unreadable } from "./find-config.ts";

/** A file that is too large is refused before it fills the memory. */
export async function readBounded(path: string): Promise<Uint8Array> {
  try {
    checkFileSize((await stat(path)).size, path);
    return await readFile(path);
  } catch (error) {
    throw isConnectorsError(error) ? error : unreadable(path, error);
  }
}

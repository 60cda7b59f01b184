import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { Sample } from "@statewave-connectors/runner/tools";

/** The body of a webhook, from a file, with its headers. Throws `CONFIG_SAMPLE_UNREADABLE`. */
export async function readSample(file: string | undefined, headers: Sample["headers"], cwd: string): Promise<Sample | undefined> {
  if (file === undefined) return undefined;
  const path = resolve(cwd, file);
  try {
    return { body: await readFile(path), headers };
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error";
    throw new ConnectorsError({
      code: "CONFIG_SAMPLE_UNREADABLE",
      message: `the sample ${path} cannot be read: ${code}`,
      hint: "name the file with the body of a webhook, as the provider sent it",
      cause,
    });
  }
}

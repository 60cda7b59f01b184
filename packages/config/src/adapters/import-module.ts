import { pathToFileURL } from "node:url";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { reasonOf } from "../thrown.ts";

/** Imports what a package offers. Throws `CONFIG_PACKAGE_BROKEN` when that fails. */
export async function importModule(name: string, file: string): Promise<Record<string, unknown>> {
  try {
    const module: Record<string, unknown> = await import(/* @vite-ignore */ pathToFileURL(file).href);
    return module;
  } catch (cause) {
    const reason = reasonOf(cause);
    const missing = /^Cannot find package '([^']+)'/.exec(reason)?.[1];
    throw new ConnectorsError({
      code: "CONFIG_PACKAGE_BROKEN",
      message: `${name} (${file}) fails when it is imported: ${cause instanceof Error ? `${cause.name}: ` : ""}${reason}`,
      ...(missing === undefined ? {} : { hint: `npm install ${missing}` }),
      cause,
    });
  }
}

/** An error about a package. */
export function adapterFailure(code: string, message: string, hint?: string): ConnectorsError {
  return new ConnectorsError({ code, message, ...(hint === undefined ? {} : { hint }) });
}

import { ConnectorsError } from "@statewave-connectors/connector-sdk";

/**
 * Loads a part of this program that a running process has not needed so far. Throws `RUNNER_FILES_REPLACED` when its file is gone, as after an update of the
 * package without a restart.
 */
export async function loadPart<Part>(load: () => Promise<Part>): Promise<Part> {
  try {
    return await load();
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND")) throw cause;
    throw new ConnectorsError({
      code: "RUNNER_FILES_REPLACED",
      message: "a file of the running program is gone: it was updated or removed since its start",
      hint: "restart the runner",
      cause,
    });
  }
}

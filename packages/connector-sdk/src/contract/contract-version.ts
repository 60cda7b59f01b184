import { ConnectorsError } from "./errors.ts";

/**
 * The contract between connectors and runner that this SDK speaks. It rises only when a connector made for the former one would fail; what
 * is added as optional leaves it as it is.
 */
export const contractVersion = 1;

/** All that is certain of a connector: it may be plain JavaScript, or made with another release of the SDK. */
export interface VersionedConnector {
  readonly kind?: unknown;
  readonly version?: unknown;
  /** Absent: the first. */
  readonly contract?: unknown;
}

/** `CONFIG_CONTRACT_UNSUPPORTED` for a connector that was made for another contract; undefined for one that fits. */
export function contractError({ kind, version, contract = 1 }: VersionedConnector): ConnectorsError | undefined {
  if (contract === contractVersion) return undefined;
  const shown = typeof contract === "number" ? String(contract) : (JSON.stringify(contract) ?? typeof contract);
  return new ConnectorsError({
    code: "CONFIG_CONTRACT_UNSUPPORTED",
    message: `connector ${String(kind)}${typeof version === "string" ? ` ${version}` : ""} is made for connector contract ${shown.slice(0, 40)}, this release works with contract ${contractVersion}`,
    hint:
      typeof contract === "number" && contract > contractVersion
        ? `update statewave-connectors, or install a version of the connector that is made for contract ${contractVersion}`
        : `install a version of the connector that is made for contract ${contractVersion}`,
  });
}

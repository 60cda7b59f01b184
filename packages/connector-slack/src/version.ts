import { packageVersion } from "@statewave-connectors/connector-sdk";

/** This package's version. */
export const version = packageVersion(import.meta.url);

import { version } from "./version.ts";

/** What spans and log records are named after. */
export const scope = { name: "statewave-connectors", version } as const;

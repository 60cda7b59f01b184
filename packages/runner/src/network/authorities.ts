import { readFile } from "node:fs/promises";
import nodeTls, { type SecureContext } from "node:tls";
import type { Network } from "./network.ts";

/** Node's authorities and those of the file. One context for all connections, because making it reads all of them. */
export async function authoritiesOf({ caFile }: Pick<Network, "caFile">): Promise<{ readonly secureContext?: SecureContext }> {
  if (caFile === undefined) return {};
  const ca = [...nodeTls.getCACertificates("default"), await readFile(caFile, "utf8")];
  return { secureContext: nodeTls.createSecureContext({ ca }) };
}

import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { ConnectorsConfig } from "@statewave-connectors/config";
import { withoutTrailingSlashes } from "@statewave-connectors/connector-sdk/options";
import type { Ingest } from "../sinks/ingest-sink.ts";

/** Which sink episodes go to, without secrets. Two configurations with the same fingerprint send to the same place. */
export interface SinkIdentity {
  readonly fingerprint: string;
  /** For people, e.g. `http://127.0.0.1:8100, tenant acme`. */
  readonly label: string;
}

export interface SinkIdentityOptions {
  readonly statewave: Pick<ConnectorsConfig["statewave"], "url" | "tenantId">;
  readonly baseDir: string;
  /** Replaces `[statewave] url`. */
  readonly ingest?: Ingest | undefined;
}

/** The sink that a configuration names. Opens nothing. */
export function configuredSink({ statewave, baseDir, ingest }: SinkIdentityOptions): SinkIdentity {
  if (ingest !== undefined) return identify(typeof ingest === "function" ? "ingest function" : ingest.description);
  const { url, tenantId } = statewave;
  if (url === "stdout:") return identify(url);
  if (url.startsWith("file:")) return identify(`file:${filePath(url, baseDir)}`);
  const address = serverAddress(url);
  return identify(tenantId === undefined ? address : `${address}, tenant ${tenantId}`);
}

function identify(label: string): SinkIdentity {
  return { fingerprint: createHash("sha256").update(label).digest("hex").slice(0, 32), label: label.slice(0, maxLabelLength) };
}

/** A record holds 64 KiB, and a label is shown on one line. */
const maxLabelLength = 500;

/** Scheme, host, port and path: what is left of the address when a key in it changes. */
function serverAddress(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? "an address that cannot be read" : `${parsed.origin}${withoutTrailingSlashes(parsed.pathname)}`;
}

function filePath(url: string, baseDir: string): string {
  const path = url.slice("file:".length);
  if (!path.startsWith("//")) return resolve(baseDir, path);
  try {
    return fileURLToPath(url);
  } catch {
    return path;
  }
}

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import nodeTls from "node:tls";
import { ConnectorsError, type ConnectorContext } from "@statewave-connectors/connector-sdk";
import type { ImapFlowOptions } from "imapflow";
import type { ImapPullOptions } from "../pull-options.ts";
import { version } from "../version.ts";
import { openSignIn, type SignIn } from "./sign-in.ts";

/** The account that an entry reads, and how its server is reached. */
export interface Account {
  /** The entry as it stands in the file. */
  readonly entry: string;
  /** Host and port. */
  readonly server: string;
  readonly user: string;
  readonly signIn: SignIn;
  /** imapflow's options, without credentials. Reads the file of authorities. */
  readonly connectionOptions: () => Promise<ImapFlowOptions>;
}

/** The port for each way to encrypt. */
const usualPorts = { implicit: 993, starttls: 143, none: 143 } as const;

const connectTimeoutMs = 20_000;
const greetingTimeoutMs = 15_000;
/** A connection on which nothing arrives for so long is dead: commands have a shorter limit, and IDLE is renewed sooner. */
const silenceLimitMs = 10 * 60_000;

/** Larger than any answer to what is requested here, and small enough for a server that goes wrong. */
const answerLimits = {
  maxLineLength: 8 * 1024 * 1024,
  maxLiteralSize: 4 * 1024 * 1024,
  maxResponseSize: 16 * 1024 * 1024,
  maxResponseTokens: 200_000,
};

export function openAccount(options: ImapPullOptions, context: ConnectorContext): Account {
  const { host, tls, port = usualPorts[tls], username, ca_file } = options;
  const entry = `[[pull.imap]] name = "${context.source.name}"`;
  return {
    entry,
    server: `${host.includes(":") ? `[${host}]` : host}:${port}`,
    user: username,
    signIn: openSignIn(options, entry, context),
    connectionOptions: async () => ({
      host,
      port,
      secure: tls === "implicit",
      doSTARTTLS: tls === "starttls",
      tls: { minVersion: "TLSv1.2", ...(ca_file !== undefined && { ca: await authorities(resolve(context.baseDir, ca_file)) }) },
      clientInfo: { name: "statewave-connectors", version, vendor: false, "support-url": false },
      connectionTimeout: connectTimeoutMs,
      greetingTimeout: greetingTimeoutMs,
      socketTimeout: silenceLimitMs,
      // IDLE is begun by hand, and no extension changes what is read here.
      disableAutoIdle: true,
      disableAutoEnable: true,
      disableCompression: true,
      idHashAlgorithm: "sha256",
      ...answerLimits,
    }),
  };
}

/** Node's authorities and those of the file. */
async function authorities(file: string): Promise<string[]> {
  try {
    return [...nodeTls.getCACertificates("default"), await readFile(file, "utf8")];
  } catch (error) {
    throw new ConnectorsError({
      code: "IMAP_CA_FILE_UNREADABLE",
      message: `the file ${file} with authorities cannot be read`,
      hint: "correct `ca_file`, or give this process the right to read the file",
      cause: error,
    });
  }
}

import type { SendResult, Sink } from "@statewave-connectors/connector-sdk/host";
import { openSink, type OpenSinkOptions } from "../sinks/open-sink.ts";
import { type Finding } from "./finding.ts";

/**
 * Whether Statewave can be reached and takes the key and tenant. An empty batch is refused with 422 once those have passed, and writes
 * nothing.
 */
export async function checkStatewave(options: OpenSinkOptions, signal: AbortSignal): Promise<Finding> {
  const sink = await openSink(options);
  try {
    return judge(await sink.send([], signal), sink);
  } finally {
    await sink.close?.();
  }
}

function judge(result: SendResult, { description }: Sink): Finding {
  switch (result.type) {
    case "accepted":
      return { ok: true, message: `${description} answers and takes the key` };
    case "refused":
      // Statewave names what it refuses; a 422 without a reason comes from another server.
      if (/^422./.test(result.reason)) return { ok: true, message: `${description} answers and takes the key` };
      return {
        ok: false,
        message: `${description} answered ${result.reason} to an empty batch, as Statewave does not`,
        ...urlHint,
      };
    case "limited":
      return { ok: true, message: `${description} answers; its request limit is reached at the moment` };
    case "stopped":
      return { ok: false, message: `${description} refuses everything: ${result.reason}`, hint: result.hint };
    case "failed":
      return {
        ok: false,
        message: `${description} cannot be reached: ${result.reason}`,
        hint: result.hint ?? hintFor(result.reason),
      };
  }
}

const urlHint = { hint: "check [statewave] url" };

const networkHints: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, "start Statewave, or check host and port in [statewave] url: nothing listens there"],
  [/ENOTFOUND|EAI_AGAIN/, "check the host in [statewave] url and this machine's name server"],
  [/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/, "check the period of the server's certificate, and this machine's clock"],
  [/ALTNAME/, "write a name into [statewave] url that stands in the certificate of the server"],
  [/CERT|SIGNATURE|ISSUER/, "name the file with the certificate of the server's authority in [runner.http] ca_file"],
  [
    /no answer|TIMEOUT|TIMEDOUT|UNREACH/i,
    "check that the server runs and that no firewall drops the connection; set [runner.http] proxy if this network requires a proxy",
  ],
  [
    /ECONNRESET|SOCKET|HPE_|EPROTO|TLS|SSL/,
    "check that [statewave] url begins with the right one of http:// and https://, and names Statewave's port",
  ],
  [/^5\d\d/, "look at the log of Statewave, or of the proxy in front of it"],
];

function hintFor(reason: string): string {
  return networkHints.find(([pattern]) => pattern.test(reason))?.[1] ?? urlHint.hint;
}

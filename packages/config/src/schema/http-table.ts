import { secretUrl } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";
import { about, text } from "./pieces.ts";

/** `[runner.http]`. */
export const httpTable = v.object({
  proxy: v.pipe(
    v.optional(
      secretUrl({
        protocols: ["http:", "https:"],
        message: "expected http://host:port, or https://, where special characters of a password are escaped with %",
        shown: "origin",
        mayBeEmpty: true,
      }),
    ),
    about(
      'The proxy for requests to sources and to Statewave: `"http://user:password@proxy.example:3128"`. Default: as the variables `HTTPS_PROXY` and `HTTP_PROXY` say. Empty: none. `NO_PROXY` applies in every case.',
    ),
  ),
  ca_file: v.pipe(
    v.optional(text()),
    about("A file with certificates (PEM) of further authorities to trust, such as that of a proxy that inspects TLS."),
  ),
});

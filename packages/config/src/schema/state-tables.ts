import { duration, rotatingSecret } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";
import { defaultKind } from "../adapters/bundled-adapters.ts";
import { adapterKind } from "./kind.ts";
import { about, wholeNumber } from "./pieces.ts";

const keyMessage = "expected 32 bytes as base64, a passphrase of at least 16 characters, or a list of two while it is replaced";
const shortestKey = 16;

/** `[runner.state]`: the keys that do not depend on the kind. */
export const stateTable = v.looseObject({
  kind: v.pipe(
    v.optional(adapterKind(), defaultKind),
    about(`\`${defaultKind}\`, or another kind whose packages \`cursor-store-<kind>\` and \`inbox-<kind>\` are installed.`),
  ),
  key: v.pipe(
    v.optional(
      v.pipe(
        rotatingSecret({ message: keyMessage }),
        v.check((keys) => keys.every((key) => key.reveal().length >= shortestKey), keyMessage),
      ),
    ),
    about(
      "Encrypts what connectors keep in the state besides cursors, such as refresh tokens: 32 bytes as base64, or a passphrase. In a list of two the first encrypts, and both decrypt. Default: it is stored as it is.",
      "secret, or a list of two",
    ),
  ),
});

/** `[runner.inbox]`: the keys that do not depend on the kind. */
export const inboxTable = v.looseObject({
  kind: v.pipe(v.optional(adapterKind()), about("Default: the kind of `[runner.state]`, with its options except `path`.")),
  dedup_window: v.pipe(
    v.optional(duration(), "24h"),
    about("How long the id of a webhook is remembered: a webhook with a remembered id is not stored again.", "duration"),
  ),
  max_depth: v.pipe(
    v.optional(wholeNumber(1, Number.MAX_SAFE_INTEGER), 1_000_000),
    about("Events in the inbox above which receivers answer 503.", "integer"),
  ),
});

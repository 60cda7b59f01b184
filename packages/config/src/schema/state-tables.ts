import { duration } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";
import { defaultKind } from "../adapters/bundled-adapters.ts";
import { adapterKind } from "./kind.ts";
import { about, wholeNumber } from "./pieces.ts";

/** `[runner.state]`: the keys that do not depend on the kind. */
export const stateTable = v.looseObject({
  kind: v.pipe(
    v.optional(adapterKind(), defaultKind),
    about(`\`${defaultKind}\`, or another kind whose packages \`cursor-store-<kind>\` and \`inbox-<kind>\` are installed.`),
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

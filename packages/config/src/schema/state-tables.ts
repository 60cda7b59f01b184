import { duration } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";
import { defaultKind } from "../adapters/bundled-adapters.ts";
import { adapterKind } from "./kind.ts";
import { about, wholeNumber } from "./pieces.ts";

/** `[runner.state]`: the keys that do not depend on the kind. */
export const stateTable = v.looseObject({
  kind: v.pipe(
    v.optional(adapterKind(), defaultKind),
    about(`\`${defaultKind}\`, or another for which a \`cursor-store-<kind>\` and an \`inbox-<kind>\` are installed.`),
  ),
});

/** `[runner.inbox]`: the keys that do not depend on the kind. */
export const inboxTable = v.looseObject({
  kind: v.pipe(
    v.optional(adapterKind()),
    about("As `[runner.state]` when absent; its other options, but for `path`, are then the state's, too."),
  ),
  dedup_window: v.pipe(
    v.optional(duration(), "24h"),
    about("How long the id of a webhook is remembered, so that it is taken once.", "duration"),
  ),
  max_depth: v.pipe(
    v.optional(wholeNumber(1, Number.MAX_SAFE_INTEGER), 1_000_000),
    about("Events in the inbox above which receivers answer 503.", "integer"),
  ),
});

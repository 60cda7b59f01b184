import { duration } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";
import { about } from "./pieces.ts";

const leastKeptMs = 1_000;
/** Ten years. */
const mostKeptMs = 3_650 * 24 * 60 * 60_000;
const kept = () => v.optional(duration({ leastMs: leastKeptMs, mostMs: mostKeptMs }));

/** `[runner.retention]`. */
export const retentionTable = v.object({
  dead_letters: v.pipe(
    kept(),
    about(
      "How long a dead letter is kept from its burial; it is gone for good afterwards. Default: until someone acts.",
      "duration",
    ),
  ),
  runs: v.pipe(
    kept(),
    about(
      "How long the account of a run is kept. Default: the latest 50 of a source, for 400 days after its last run.",
      "duration",
    ),
  ),
});

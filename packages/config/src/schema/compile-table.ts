import { duration } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";
import { about } from "./pieces.ts";

/** Below a second, recording what changed would cost more than compiling it. */
const leastRestMs = 1_000;

/** `[statewave.compile]`. */
export const compileTable = v.pipe(
  v.object({
    mode: v.pipe(
      v.optional(v.picklist(["off", "after"]), "off"),
      about(
        "`after`: the server makes memories of a subject's new episodes when it rests. `off`: only when something else requests it.",
      ),
    ),
    quiet: v.pipe(
      v.optional(duration({ leastMs: leastRestMs }), "1m"),
      about("How long a subject rests, without a new episode, before it is compiled.", "duration"),
    ),
    at_most: v.pipe(
      v.optional(duration({ leastMs: leastRestMs }), "10m"),
      about(
        "After its first new episode a subject waits no longer for its compile, also while more arrive. It may still wait for other subjects, which a slow server takes long for.",
        "duration",
      ),
    ),
  }),
  v.forward(
    v.partialCheck(
      [["quiet"], ["at_most"]],
      ({ quiet, at_most: atMost }) => atMost >= quiet,
      "must not be shorter than `quiet`: a subject would never rest for so long",
    ),
    ["at_most"],
  ),
);

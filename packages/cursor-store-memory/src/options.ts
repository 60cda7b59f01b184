import * as v from "valibot";

/** What `[runner.state] kind = "memory"` takes. */
export const memoryStoreOptions = v.strictObject({
  require_durable: v.pipe(
    v.optional(v.literal(false, "cannot be true: state in memory ends with the process"), false),
    v.description("Only `false`: what is in memory goes with the process."),
  ),
});

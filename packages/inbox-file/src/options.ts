import * as v from "valibot";

/** What `[runner.inbox] kind = "file"` takes. */
export const fileInboxOptions = v.strictObject({
  path: v.pipe(
    v.optional(v.pipe(v.string("expected some text"), v.minLength(1, "expected the name of a file"))),
    v.description("The file, from the configuration file's folder. Default: `inbox.sqlite` in `state_dir`."),
  ),
  require_durable: v.pipe(
    v.optional(v.boolean("expected true or false"), false),
    v.description("Changes nothing: what is answered is always fsynced."),
  ),
});

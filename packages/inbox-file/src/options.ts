import * as v from "valibot";

/** What `[runner.inbox] kind = "file"` takes. */
export const fileInboxOptions = v.strictObject({
  path: v.pipe(
    v.optional(
      v.pipe(
        v.string("expected some text"),
        v.check((path) => path.trim() !== "", "expected the name of a file"),
        v.check((path) => !/\p{Cc}/u.test(path), "expected the name of a file without control characters"),
      ),
    ),
    v.description("The file, from the configuration file's folder. Default: `inbox.sqlite` in `state_dir`."),
  ),
  require_durable: v.pipe(
    v.optional(v.boolean("expected true or false"), false),
    v.description("Changes nothing: what is answered is always fsynced."),
  ),
});

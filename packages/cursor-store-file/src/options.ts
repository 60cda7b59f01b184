import * as v from "valibot";

export const filePath = v.pipe(v.string("expected some text"), v.minLength(1, "expected the name of a file"));

/** What `[runner.state] kind = "file"` takes. */
export const fileStoreOptions = v.strictObject({
  path: v.pipe(
    v.optional(filePath),
    v.description("The file, from the configuration file's folder. Default: `cursors.json` in `state_dir`."),
  ),
  require_durable: v.pipe(
    v.optional(v.boolean("expected true or false"), false),
    v.description("Changes nothing: what is answered is always fsynced."),
  ),
});

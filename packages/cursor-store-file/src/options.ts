import * as v from "valibot";

export const filePath = v.pipe(
  v.string("expected some text"),
  v.check((path) => path.trim() !== "", "expected the name of a file"),
  v.check((path) => !/\p{Cc}/u.test(path), "expected the name of a file without control characters"),
);

/** What `[runner.state] kind = "file"` takes. */
export const fileStoreOptions = v.strictObject({
  path: v.pipe(
    v.optional(filePath),
    v.description("The file, from the configuration file's folder. Default: `cursors.json` in `state_dir`."),
  ),
  layout: v.pipe(
    v.optional(v.picklist(["file", "dir"], 'expected "file" or "dir"'), "file"),
    v.description(
      "`dir` keeps each cursor in a file of its own, `<dir>/<kind>/<name>.json`, which may be edited while no runner runs.",
    ),
  ),
  dir: v.pipe(
    v.optional(filePath),
    v.description(
      'With `layout = "dir"`: its folder, from the configuration file\'s folder. Default: `cursors` beside the file.',
    ),
  ),
  require_durable: v.pipe(
    v.optional(v.boolean("expected true or false"), false),
    v.description("Changes nothing: what is answered is always fsynced."),
  ),
});

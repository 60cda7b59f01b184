import * as v from "valibot";

const patternMessage = "must be a pattern relative to `path` with forward slashes, such as docs/**/*.md";

const pattern = v.pipe(
  v.string(patternMessage),
  v.nonEmpty(patternMessage),
  v.check((text) => !text.startsWith("!"), "must not start with `!`: what to leave out goes into `exclude`"),
  v.check((text) => !text.startsWith("/") && !/(^|\/)\.\.(\/|$)/.test(text), patternMessage),
);

/** The options of one `[[pull.markdown]]` entry. */
export const MarkdownPull = v.strictObject({
  path: v.pipe(v.string(), v.nonEmpty(), v.description("The folder to read, relative to the configuration file.")),
  include: v.optional(
    v.pipe(
      v.array(pattern),
      v.nonEmpty("must name a pattern"),
      v.metadata({ type: "list of patterns" }),
      v.description("Files that are documents. `*` does not reach names that begin with a dot; write `.github/**/*.md`."),
    ),
    ["**/*.md", "**/*.markdown"],
  ),
  exclude: v.optional(
    v.pipe(
      v.array(pattern),
      v.metadata({ type: "list of patterns" }),
      v.description("Left out besides `**/node_modules/**` and `**/.git/**`. Reaches names that begin with a dot."),
    ),
    [],
  ),
});

export type MarkdownPullOptions = v.InferOutput<typeof MarkdownPull>;

import { baseUrl, pathPattern } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";

const pattern = pathPattern("must be a pattern relative to `path` with forward slashes, such as docs/**/*.md");

/** The options of one `[[pull.markdown]]` entry. */
export const MarkdownPull = v.strictObject({
  path: v.pipe(
    v.string(),
    v.nonEmpty(),
    v.description("The folder to read, relative to the configuration file."),
    v.examples(["./docs"]),
  ),
  include: v.optional(
    v.pipe(
      v.array(pattern),
      v.nonEmpty("must name a pattern"),
      v.metadata({ type: "list of patterns" }),
      v.description(
        "Files that are documents, in upper or lower case. `*` does not reach names that begin with a dot; write `.github/**/*.md`.",
      ),
    ),
    ["**/*.md", "**/*.markdown"],
  ),
  exclude: v.optional(
    v.pipe(
      v.array(pattern),
      v.metadata({ type: "list of patterns" }),
      v.description(
        "Left out besides `**/node_modules/**` and `**/.git/**`; a folder with all that lies in it. Reaches names that begin with a dot.",
      ),
    ),
    [],
  ),
  split: v.optional(
    v.pipe(
      v.picklist(["sections", "document"], 'must be "sections" or "document"'),
      v.description(
        '`"sections"`: an episode for each section of a document; neighbours that fit together into 500 characters share one. `"document"`: one for the whole, cut at 16 KiB.',
      ),
    ),
    "sections",
  ),
  base_url: v.optional(
    v.pipe(
      baseUrl({ example: "https://github.com/acme/handbook/blob/main" }),
      v.description("Where the documents can be read: an episode links to `base_url`/path, and to the section's anchor."),
    ),
  ),
  candidates: v.optional(
    v.pipe(
      v.boolean(),
      v.description(
        "Name the memories of a section to Statewave, [only for servers with the heuristic compiler](#memories-that-the-connector-names). Default: no.",
      ),
    ),
  ),
  sync_conflicts: v.optional(
    v.pipe(
      v.boolean(),
      v.description("Read the copies that programs such as Syncthing and Dropbox make of a conflict. Default: leave them out."),
    ),
  ),
});

export type MarkdownPullOptions = v.InferOutput<typeof MarkdownPull>;

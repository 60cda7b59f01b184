import * as v from "valibot";
import { kindPattern } from "./kind.ts";
import { about, text, wholeNumber } from "./pieces.ts";
import { ruleNames } from "./privacy-table.ts";

const entryName = () =>
  v.pipe(v.string(), v.regex(kindPattern, "expected a-z, 0-9, - and _, beginning with a letter or digit"), v.maxLength(200));
const subject = () => v.pipe(v.optional(text()), about("Put on every episode instead of the connector's own subject."));
const redact = () =>
  v.pipe(
    v.optional(ruleNames()),
    about(
      "The rules for this entry, instead of those of `[privacy]`; own rules are listed by name. Empty: none.",
      "list of rules",
    ),
  );

/** `[[pull.<kind>]]`: the keys that do not depend on the kind. */
export const pullEntryTable = v.object({
  name: v.pipe(entryName(), about("Names the entry, with its kind: unique per kind.")),
  schedule: v.pipe(text(), about('`every <N><s|m|h|d>` or cron with 5 or 6 fields, e.g. `"every 15m"`, `"0 */6 * * *"`.')),
  subject: subject(),
  redact: redact(),
  max_items: v.pipe(
    v.optional(wholeNumber(1, Number.MAX_SAFE_INTEGER)),
    about("A run ends after this many episodes, and resumes with the next due.", "integer"),
  ),
  dry_run: v.pipe(v.optional(v.boolean(), false), about("Read up to `max_items` (100), but deliver and store nothing.")),
  catch_up: v.pipe(
    v.optional(v.picklist(["once", "skip"]), "once"),
    about("At the start, run once for dues that were missed (`once`), or wait for the next one (`skip`)."),
  ),
});

/** `[[push.<kind>]]`: the keys that do not depend on the kind. */
export const pushEntryTable = v.object({
  name: v.pipe(entryName(), about("Names the entry: it is mounted at `/<kind>/<name>/events`.")),
  subject: subject(),
  redact: redact(),
  pull: v.pipe(
    v.optional(entryName()),
    about(
      "The name of its twin, a `[[pull.<kind>]]` entry: it reads what webhooks missed, and what a webhook only reports as changed.",
    ),
  ),
});

import * as v from "valibot";

/** The kind of a package becomes part of its name; that of a source stands in addresses and metrics, too. */
export const kindPattern = /^[a-z0-9][a-z0-9_-]*$/;

/** The kind of a store or an inbox: it becomes part of the name of a package. */
export const adapterKindPattern = /^[a-z0-9][a-z0-9-]*$/;

/** The kind of a store or an inbox, as an option. */
export const adapterKind = () => v.pipe(v.string(), v.regex(adapterKindPattern, "expected a-z, 0-9 and -"));

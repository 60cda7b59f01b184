import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import * as v from "valibot";
import { repositoryRow } from "./rows.ts";

/** Which repository it really is. Names are case-insensitive and change; the id does not. */
export interface Repository {
  readonly id: number;
  /** `owner/name` in the API's own spelling: subjects and keys are built from it. */
  readonly fullName: string;
  /** The host of its web pages, `github.com` for github.com. */
  readonly host: string;
  /** The configured `repo` that led to it. */
  readonly configured: string;
  /** Another repository had its name before, and the keys of its episodes have no id. */
  readonly isSuccessor?: boolean | undefined;
}

/** As it is stored. */
export const repositorySchema = v.strictObject({
  id: v.pipe(v.number(), v.safeInteger()),
  fullName: v.pipe(v.string(), v.regex(/^[^/\s]+\/[^/\s]+$/)),
  host: v.string(),
  configured: v.string(),
  isSuccessor: v.optional(v.boolean()),
});

/** Undefined when the body is not a repository. */
export function toRepository(body: unknown, configured: string): Repository | undefined {
  const row = v.safeParse(repositoryRow, body);
  const host = row.success ? URL.parse(row.output.html_url)?.host : undefined;
  return row.success && host !== undefined ? { id: row.output.id, fullName: row.output.full_name, host, configured } : undefined;
}

/** The cursor's repository is another one than is configured now. Throws then. */
export function assertSameRepository(stored: Repository, found: Repository, sourceKey: string): void {
  if (stored.id === found.id) return;
  throw new ConnectorsError({
    code: "GITHUB_CURSOR_INVALID",
    message: `the cursor of ${sourceKey} belongs to the repository ${stored.fullName}, but \`repo\` is now ${found.fullName}`,
    hint: `give the entry a new name, or run \`statewave-connectors state reset ${sourceKey}\` to read ${found.fullName} from its beginning`,
  });
}

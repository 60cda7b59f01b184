import type { Author } from "@statewave-connectors/connector-sdk";
import type { Account } from "../rows.ts";

/** What a person or program wrote, as far as its writer matters. */
export interface Written {
  readonly user?: Account;
  /** GitHub's word for how the writer stands to the repository. */
  readonly author_association?: string | undefined;
}

/** Everyone else is from outside, contributors too: their changes were accepted, which gives no rights. */
const insiders: ReadonlySet<string | undefined> = new Set(["OWNER", "MEMBER", "COLLABORATOR"]);

/** GitHub shows deleted accounts as the user "ghost". */
export function loginOf(user: Account): string {
  return user?.login ?? "ghost";
}

function isBot(user: Account): boolean {
  return user?.type === "Bot" || user?.login.endsWith("[bot]") === true;
}

/** The metadata that says who wrote it. */
export function authorship(user: Account): Readonly<Record<string, unknown>> {
  return { author: loginOf(user), ...(isBot(user) ? { bot: true } : {}) };
}

/** Who wrote something. */
export function writerOf({ user, author_association: association }: Written): Author {
  const name = loginOf(user);
  if (isBot(user)) return { name, kind: "bot", verifiedBy: "github" };
  if (user === null || user === undefined) return { name, kind: "anonymous" };
  if (association === undefined) return { name, kind: "external" };
  return { name, kind: insiders.has(association) ? "member" : "external", verifiedBy: "github.author_association" };
}

/** Who did something to what another may have written, which takes the right to write; undefined: who is unknown. */
export function doerOf(by: Account, written: Written): Author | undefined {
  if (by === null || by === undefined) return undefined;
  return by.login === written.user?.login ? writerOf(written) : insiderOf(by);
}

/** Who did something that takes the right to write. */
export function insiderOf(by: Account): Author {
  const kind = isBot(by) ? "bot" : by === null || by === undefined ? "anonymous" : "member";
  return { name: loginOf(by), kind, ...(kind === "anonymous" ? {} : { verifiedBy: "github" }) };
}

import type { Author } from "@statewave-connectors/connector-sdk";
import { oneLine } from "@statewave-connectors/connector-sdk/text";
import type { PartAuthor } from "./conversation.ts";

const contactTypes: ReadonlySet<string> = new Set(["user", "lead", "contact", "visitor"]);

export function isContactType(type: string | undefined): boolean {
  return type !== undefined && contactTypes.has(type);
}

export function isContact(author: PartAuthor): boolean {
  return isContactType(author?.type);
}

const botTypes: ReadonlySet<string> = new Set(["bot", "operator"]);

/** How texts name who did something. */
export function nameOf(author: PartAuthor): string {
  const known = oneLine(author?.name ?? "") || oneLine(author?.email ?? "");
  if (known !== "") return known;
  const { kind } = authorOf(author);
  if (kind === "external") return "A customer";
  if (kind === "bot") return "A bot";
  return kind === "member" ? "A teammate" : "Someone";
}

/** Who did it, as far as Intercom vouches for it. */
export function authorOf(author: PartAuthor): Author & { readonly name: string } {
  const kind = kindOf(author);
  const name = oneLine(author?.name ?? "") || oneLine(author?.email ?? "") || author?.id || "unknown";
  return { name, kind, verifiedBy: "intercom.author_type" };
}

function kindOf(author: PartAuthor): Author["kind"] {
  if (author === undefined || author === null) return "anonymous";
  if (botTypes.has(author.type) || author.from_ai_agent) return "bot";
  if (isContact(author)) return "external";
  return author.type === "admin" || author.type === "team" ? "member" : "anonymous";
}

import type { Author } from "@statewave-connectors/connector-sdk";
import { oneLine, shorten } from "@statewave-connectors/connector-sdk/text";
import type { Story } from "./story.ts";

/** Who did something, as a text says it and as an author. */
export interface Person {
  readonly label: string;
  readonly author?: Author;
}

const longestName = 40;
const verifiedBy = "zendesk.role";

/** Of another role nothing says how close it stands. */
const kindOfRole: Readonly<Record<string, Author["kind"]>> = { "end-user": "external", agent: "member", admin: "member" };

/** A person of a ticket; without an id it is Zendesk itself, by a rule or an automation. */
export function personOf(id: string | undefined, { ticket, names }: Story): Person {
  if (id === undefined) return { label: "Zendesk", author: { name: "Zendesk", kind: "bot", verifiedBy } };
  const user = names.users.find((each) => each.id === id);
  const isRequester = id === ticket.requester_id;
  const name = shorten(oneLine(user?.name ?? ""), longestName);
  // The one who requests is mostly a customer, but agents request of each other, too.
  const unnamed = isRequester ? "The requester" : "Someone";
  if (name === "" || user === undefined) return { label: unnamed };
  const kind = Object.hasOwn(kindOfRole, user.role) ? kindOfRole[user.role] : undefined;
  return kind === undefined ? { label: name } : { label: name, author: { name, kind, verifiedBy } };
}

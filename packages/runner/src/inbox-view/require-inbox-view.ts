import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { Inbox, InboxView } from "@statewave-connectors/connector-sdk/inbox";

/** The view of an inbox. Throws `INBOX_VIEW_MISSING` for one of another package that has none. */
export function requireInboxView({ view }: Pick<Inbox, "view">): InboxView {
  if (view !== undefined) return view;
  throw new ConnectorsError({
    code: "INBOX_VIEW_MISSING",
    message: "this inbox cannot show what waits in it",
    hint: "update the package of the inbox, or use the file, postgres or redis kind",
  });
}

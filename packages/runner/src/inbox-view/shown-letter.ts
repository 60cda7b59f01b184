import type { DeadLetter, InboxItem } from "@statewave-connectors/connector-sdk/inbox";
import type { ListedLetter } from "./letter-about.ts";

type EventItem = Extract<InboxItem, { readonly type: "event" }>;

/** An inbox item as JSON can hold it: the body of an event is text where it is valid UTF-8, else base64. */
export type ShownItem =
  | Exclude<InboxItem, EventItem>
  | (Omit<EventItem, "body"> & ({ readonly body: string } | { readonly body_base64: string }));

/** A dead letter with what was buried, as it is shown. */
export interface ShownLetter extends ListedLetter {
  readonly item?: ShownItem;
}

/** A dead letter as it is shown, by the process that read it and over the control socket alike. */
export function toShownLetter({ item, ...letter }: DeadLetter): ShownLetter {
  return item === undefined ? letter : { ...letter, item: toShownItem(item) };
}

export function toShownItem(item: InboxItem): ShownItem {
  if (item.type !== "event") return item;
  const { body, ...rest } = item;
  const text = Buffer.from(body).toString("utf8");
  return Buffer.from(text, "utf8").equals(body)
    ? { ...rest, body: text }
    : { ...rest, body_base64: Buffer.from(body).toString("base64") };
}

import { ConnectorsError } from "../contract/errors.ts";
import type { InboxLimits, InboxStats } from "./inbox.ts";

/** The items of an inbox, waiting or claimed. */
export type InboxContent = Pick<InboxStats, "depth" | "bytes">;

/** Whether one more item may be accepted, with a body of so many bytes. */
export function hasRoomFor(bytes: number, content: InboxContent, { maxDepth, maxBytes }: InboxLimits): boolean {
  return content.depth + 1 <= maxDepth && content.bytes + bytes <= maxBytes;
}

/** What `accept` throws where there is no room. */
export function inboxFullError({ depth, bytes }: InboxContent, { maxDepth, maxBytes }: InboxLimits): ConnectorsError {
  return new ConnectorsError({
    code: "INBOX_FULL",
    message: `the inbox holds ${depth} items with ${bytes} bytes; its limits are ${maxDepth} items and ${maxBytes} bytes`,
    // No option raises the limit of bytes.
    hint: `check why its items are not delivered${depth < maxDepth ? "" : ", or raise max_depth"}`,
    retryable: true,
  });
}

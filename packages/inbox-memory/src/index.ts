export { InMemoryInbox, type InMemoryInboxOptions } from "./in-memory-inbox.ts";
export { openInbox } from "./open-inbox.ts";

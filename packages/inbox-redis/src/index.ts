export { openInbox } from "./open-inbox.ts";

export { openInbox } from "./declaration.ts";

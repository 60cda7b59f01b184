export { type DeskShape, FakeDesk, type FakeTicket } from "./desk.ts";
export { type FakeFreshdesk, type FakeFreshdeskOptions, startFakeFreshdesk } from "./fake-freshdesk.ts";
export type { FreshdeskLimit } from "./limits.ts";
export type { FreshdeskSettings } from "./routes.ts";

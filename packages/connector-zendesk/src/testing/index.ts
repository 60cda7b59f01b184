export { fakeCredentials, FakeZendesk, type FakeZendeskOptions } from "./fake-zendesk.ts";
export {
  type FakeComment,
  type FakeStep,
  type FakeTicket,
  type FakeUser,
  HelpDesk,
  type NewComment,
  type NewTicket,
} from "./help-desk.ts";
export { type BusyDesk, fillDesk } from "./fill-desk.ts";
export type { FakeSettings } from "./routes.ts";
export { envelope, envelopesOf } from "./rows.ts";

export { type FakeGoogle, type FakeGoogleOptions, startFakeGoogle } from "./fake-google.ts";
export { FakeMailbox } from "./fake-mailbox.ts";
export type { FakeMail, FakeMessage, FakePart } from "./fake-message.ts";
export { FakePubsub } from "./fake-pubsub.ts";
export { FakeSignIn } from "./fake-sign-in.ts";
export type { GmailSettings } from "./gmail-settings.ts";

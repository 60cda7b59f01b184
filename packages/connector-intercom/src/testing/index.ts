export { type FakeIntercom, type FakeIntercomOptions, mostParts, startFakeIntercom, whole } from "./fake-intercom.ts";
export type { Json, Raw } from "./raw.ts";
export { adminOf, contactOf, type Seed } from "./seeded-conversation.ts";
export { FakeWorkspace, type Notification, type WorkspaceOptions } from "./workspace.ts";

export { FakeSlack, type FakeSlackOptions, type Fault } from "./fake-slack.ts";
export type { FakeChannel, FakeWorkspace, WorkspaceShape } from "./workspace.ts";

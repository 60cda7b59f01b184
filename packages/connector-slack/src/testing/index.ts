export { FakeSlack, type FakeSlackOptions, type SlackFault } from "./fake-slack.ts";
export type { FakeChannel, FakeWorkspace, WorkspaceShape } from "./workspace.ts";

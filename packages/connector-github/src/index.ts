export { githubPullConfig, type GithubPullConfig, type StreamName } from "./pull-options.ts";
export { connector } from "./connector.ts";
export { type EventGroup, githubPushConfig, type GithubPushConfig } from "./push-options.ts";

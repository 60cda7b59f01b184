export { githubPullConfig, type GithubPullConfig, type StreamName } from "./config.ts";
export { connector } from "./connector.ts";
export { type EventGroup, githubPushConfig, type GithubPushConfig } from "./push-config.ts";

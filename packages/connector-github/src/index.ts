export { githubPullConfig, type GithubPullConfig, type StreamName } from "./config.ts";
export { connector } from "./connector.ts";

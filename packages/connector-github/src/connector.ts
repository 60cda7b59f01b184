import { defineConnector } from "@statewave-connectors/connector-sdk";
import { githubPullConfig, type GithubPullConfig } from "./config.ts";
import { openPull } from "./pull.ts";
import { version } from "./version.ts";

/** Reads issues, pull requests, comments, reviews and releases of one GitHub repository. */
export const connector = defineConnector<GithubPullConfig>({
  kind: "github",
  version,
  pull: { config: githubPullConfig, open: openPull },
});

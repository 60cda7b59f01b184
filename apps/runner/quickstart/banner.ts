/** What a person can do next. */
export interface QuickstartFacts {
  /** Where episodes arrive, without credentials. */
  readonly sink: string;
  readonly url: string | undefined;
  /** Whether `STATEWAVE_URL` is set. */
  readonly hasStatewave?: boolean;
  /** `GITHUB_REPO`. */
  readonly repository?: string | undefined;
}

/** The one banner of `npm start`. What is in use already is not proposed. */
export function quickstartBanner({ sink, url, hasStatewave = false, repository }: QuickstartFacts): string {
  const slack = url === undefined || url.endsWith(":3000") ? "" : ` --url ${url}/slack/quickstart/events`;
  // In another terminal the variables are not set, and each Statewave has a state of its own.
  const look = hasStatewave || repository !== undefined ? "with the same variables; or:" : "or:";
  const statewave = hasStatewave ? "" : "\n  use your Statewave   STATEWAVE_URL=http://… STATEWAVE_API_KEY=… npm start";
  const github =
    repository === undefined
      ? "add a repository     GITHUB_REPO=owner/name GITHUB_TOKEN=… npm start"
      : `read every minute    ${repository}`;
  return `Quickstart: this repository's documents and your webhooks become episodes. Ctrl-C stops it.
  episodes arrive in   ${sink}
  send a Slack sample  node examples/send-slack-sample.mjs${slack}
  look at its state    npm run cli -- doctor   (${look} status, dead-letters list)${statewave}
  ${github}
  use your own file    npm start -- --config ./statewave-connectors.toml

`;
}

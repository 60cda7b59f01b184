/** What a person can do next. */
export interface QuickstartFacts {
  /** Where episodes arrive, without credentials. */
  readonly sink: string;
  readonly url: string | undefined;
}

/** The one banner of `npm start`. */
export function quickstartBanner({ sink, url }: QuickstartFacts): string {
  const slack = url === undefined || url.endsWith(":3000") ? "" : ` --url ${url}/slack/quickstart/events`;
  return `Quickstart: this repository's documents and your webhooks become episodes. Ctrl-C stops it.
  episodes arrive in   ${sink}
  send a Slack sample  node examples/send-slack-sample.mjs${slack}
  look at its state    npm run cli -- doctor   (or: state list, dead-letters list)
  use your Statewave   STATEWAVE_URL=http://… STATEWAVE_API_KEY=… npm start
  add a repository     GITHUB_REPO=owner/name GITHUB_TOKEN=… npm start
  use your own file    npm start -- --config ./statewave-connectors.toml

`;
}

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { runHere } from "../run-here.ts";

const entries = `
[[pull.zendesk]]
name = "support"
schedule = "every 15m"
subdomain = "acme"
oauth_token = "\${ZENDESK_TOKEN}"
use_incremental = true
statuses = ["open"]

[[pull.gmail]]
name = "founder"
schedule = "every 15m"
client_id = "\${GMAIL_CLIENT_ID}"
client_secret = "\${GMAIL_CLIENT_SECRET}"
refresh_token = "in-the-file-refresh"
query = "label:inbox"

[[pull.notion]]
name = "wiki"
schedule = "every 1h"
token = "\${NOTION_TOKEN}"

[[push.slack]]
name = "team"
signing_secret = "\${SLACK_SIGNING_SECRET}"
channels = ["C0123ABC"]
`;
export const migrateEnv = {
  ZENDESK_TOKEN: "zd-token",
  GMAIL_CLIENT_ID: "client",
  GMAIL_CLIENT_SECRET: "client-secret",
  GMAIL_FOUNDER_REFRESH_TOKEN: "in-the-file-refresh",
  SLACK_SIGNING_SECRET: "slack-secret",
};
/** Values of the environment and of the file: none may be printed or written. */
export const migrateSecrets = /zd-token|client-secret|in-the-file-refresh|slack-secret|hidden-pw/;

/** A folder with the file of an earlier runner, for the tests of one file. */
export class EarlierRunner {
  folder = "";

  constructor() {
    beforeEach(() => {
      this.folder = mkdtempSync(join(tmpdir(), "cli-migrate-"));
    });
    afterEach(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string): void {
    writeFileSync(this.path(name), text);
  }

  /** Its file, with a `[runner.state]` of these lines. */
  writeConfig(state: string): void {
    this.write("old.toml", `[statewave]\nurl = "file:./episodes.jsonl"\n[runner.state]\n${state}\n${entries}`);
  }

  writeCursors(cursors: Readonly<Record<string, string>>): void {
    this.write("cursors.json", JSON.stringify({ version: 1, cursors }));
  }

  async migrate(...args: readonly string[]) {
    const result = await this.run("migrate", "old.toml", ...args);
    if (migrateSecrets.test(result.stdout + result.stderr)) throw new Error("a secret was printed");
    return result;
  }

  run(...args: readonly string[]) {
    return runHere(this.folder, args, { env: migrateEnv });
  }
}

import { createHmac, randomUUID } from "node:crypto";
import { FakeProviderProcess, startFakeProvider } from "./fake-provider-process.ts";
import type { Ending } from "./workspace.ts";

export const githubSecret = "e2e-webhook-secret";

/** GitHub's API for one repository. */
export class FakeGithubProcess extends FakeProviderProcess {
  /** How many episodes of each kind the repository as it is now must yield. */
  async expected(): Promise<Record<string, number>> {
    return (await this.act("expected")) as Record<string, number>;
  }

  /** The TOML entry that reads it every second. */
  get entry(): string {
    return `
[[pull.github]]
name = "widgets"
schedule = "every 1s"
repo = "acme/widgets"
token = "${this.token}"
include_bots = true
base_url = "${this.url}"
`;
  }

  /** The webhook that GitHub sends when an issue was opened, as its list shows that issue now. */
  async openedWebhook(number: number): Promise<RequestInit> {
    const [repository, issues] = await Promise.all([this.#get(""), this.#get("/issues?state=all&per_page=100")]);
    const issue = (issues as readonly { readonly number: number }[]).find((row) => row.number === number);
    const body = JSON.stringify({ action: "opened", issue, repository, sender: { login: "mona", type: "User" } });
    return {
      method: "POST",
      body,
      headers: {
        "content-type": "application/json",
        "x-github-event": "issues",
        "x-github-delivery": randomUUID(),
        "x-hub-signature-256": `sha256=${createHmac("sha256", githubSecret).update(body).digest("hex")}`,
      },
    };
  }

  async #get(path: string): Promise<unknown> {
    const headers = { authorization: `Bearer ${this.token}`, "user-agent": "e2e" };
    return (await fetch(`${this.url}/repos/acme/widgets${path}`, { headers })).json();
  }
}

/** A fake GitHub for one test. */
export async function startFakeGithub(ending: Ending, ...args: readonly string[]): Promise<FakeGithubProcess> {
  const main = "@statewave-connectors/connector-github/testing/main";
  return new FakeGithubProcess(await startFakeProvider(ending, main, "--requests-per-hour", "1000000", ...args));
}

import type { SampleMark, WebhookSample } from "@statewave-connectors/connector-sdk/signature";
import { type GithubPushConfig, wantedGroups } from "../push-options.ts";

/** What GitHub sends when a webhook is made and, if the entry takes issues, when one is opened. */
export function samples(config: GithubPushConfig, { id, atMs }: SampleMark): readonly WebhookSample[] {
  const ping = { name: "ping", headers: headersOf("ping", id), body: JSON.stringify({ zen: "A sample.", hook_id: 1 }) };
  if (!wantedGroups(config).has("issues")) return [ping];
  return [ping, { name: "issues.opened", headers: headersOf("issues", id), body: JSON.stringify(opened(config, id, atMs)) }];
}

function headersOf(event: string, id: string): Readonly<Record<string, string>> {
  return { "x-github-event": event, "x-github-delivery": id };
}

function opened({ repos = ["octocat/hello-world"] }: GithubPushConfig, id: string, atMs: number): object {
  const [fullName = "octocat/hello-world"] = repos;
  const at = new Date(atMs).toISOString();
  const sender = { login: "octocat", id: 1, type: "User" };
  return {
    action: "opened",
    issue: {
      id: 1,
      number: 1,
      title: `A sample: ${id}`,
      body: "This issue does not exist. It was made to try a receiver.",
      user: sender,
      state: "open",
      labels: [],
      created_at: at,
      updated_at: at,
      closed_at: null,
      html_url: `https://github.com/${fullName}/issues/1`,
    },
    repository: { id: 1, full_name: fullName, html_url: `https://github.com/${fullName}` },
    sender,
  };
}

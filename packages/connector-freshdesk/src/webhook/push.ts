import type { CheckResult, ConnectorContext, PushReceiver } from "@statewave-connectors/connector-sdk";
import { verifier } from "@statewave-connectors/connector-sdk/signature";
import type { FreshdeskPushOptions } from "../push-options.ts";
import { signatureOf, take } from "./receive.ts";
import { webhookEpisode } from "./webhook-episode.ts";

/** Opens a `[[push.freshdesk]]` entry. */
export function openPush(options: FreshdeskPushOptions, { source, twin }: ConnectorContext): PushReceiver {
  return {
    verify: verifier(signatureOf(options), options.secret),
    receive(request) {
      const taken = take(request, twin !== undefined);
      if (taken === "trigger") return { type: "trigger" };
      return taken === "episode" ? { type: "event" } : taken;
    },
    async *pages(event) {
      yield { episodes: [webhookEpisode(event, options.domain)] };
    },
    check: async () => [twinResult(source.name, twin)],
  };
}

function twinResult(name: string, twin: string | undefined): CheckResult {
  const entry = `[[push.freshdesk]] name = ${JSON.stringify(name)}`;
  if (twin !== undefined)
    return { ok: true, message: `webhooks of ${entry} make [[pull.freshdesk]] name = ${JSON.stringify(twin)} read` };
  const without = "a webhook names no reply and no time, so its episodes have kinds and keys of their own";
  return { ok: true, message: `${entry} has no \`pull\`: ${without}; set \`pull\` to have each change read whole` };
}

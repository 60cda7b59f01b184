import type { Logger, Received, ReceivedRequest } from "@statewave-connectors/connector-sdk";
import { checkHmacSignature, type HmacSignature } from "@statewave-connectors/connector-sdk/signature";
import { parsePayload, repositoryNameOf, toDelivery } from "./delivery.ts";
import type { Installations } from "./installations.ts";
import { mappingOf } from "./map-event.ts";
import { type GithubPushConfig, wantedGroups } from "./push-config.ts";

/** https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries. No timestamp is signed: the delivery id is what stops a replay. */
const signature: HmacSignature = {
  header: "x-hub-signature-256",
  algorithm: "sha256",
  prefix: "sha256=",
  secretOption: "secret",
};

/** Event names and delivery ids of GitHub's are far shorter; what is longer is not GitHub's and not worth keeping. */
const maxHeaderLength = 100;

/**
 * Verifies the raw bytes, then decides whether the delivery is stored. Whatever is signed is answered 2xx: GitHub shows anything else as a
 * failed delivery, and sending it again would not change it. What is not stored is named in the answer, where GitHub's list of recent
 * deliveries shows it.
 */
export function receive(
  request: ReceivedRequest,
  { config, installations, logger }: { config: GithubPushConfig; installations: Installations; logger: Logger },
): Received {
  const refusal = checkHmacSignature(request, signature, config.secret);
  if (refusal !== undefined) return refusal;
  const event = request.headers["x-github-event"] ?? "";
  const id = request.headers["x-github-delivery"] ?? "";
  if (event === "ping") return { ...answered({ pong: true }), ignored: "ping" };
  const passOver = (ignored: string, reason: string, fields: Readonly<Record<string, unknown>> = {}): Received => {
    logger.debug("a GitHub event is passed over", { event: event.slice(0, maxHeaderLength), reason, ...fields });
    return { ...answered({ ignored: reason }), ignored };
  };
  const payload = parsePayload(request.body);
  if (payload === undefined) {
    logger.warn("a signed GitHub delivery holds no JSON object and is passed over", { event: event.slice(0, maxHeaderLength) });
    return { ...answered({ ignored: "no JSON object" }), ignored: "no_json_object" };
  }
  const delivery = toDelivery(event, payload);
  if (event === "installation") installations.hear(delivery.action, payload, request.receivedAtMs);
  else installations.signOfLife(payload, request.receivedAtMs);
  const mapping = mappingOf(delivery);
  if (mapping === undefined)
    return passOver("event_not_mapped", "event or action makes no episodes", {
      action: delivery.action?.slice(0, maxHeaderLength),
    });
  if (!wantedGroups(config).has(mapping.group)) return passOver("not_wanted", `${mapping.group} are not wanted`);
  const repository = repositoryNameOf(payload);
  if (!isWanted(config.repos, repository)) return passOver("repository_not_wanted", "repository is not in repos", { repository });
  const isId = id !== "" && id.length <= maxHeaderLength;
  return {
    type: "event",
    ...(isId ? { id } : {}),
    headers: { "x-github-event": event, ...(isId ? { "x-github-delivery": id } : {}) },
  };
}

function isWanted(repos: readonly string[] | undefined, repository: string | undefined): boolean {
  if (repos === undefined) return true;
  const name = repository?.toLowerCase();
  return repos.some((repo) => repo.toLowerCase() === name);
}

function answered(body: Readonly<Record<string, unknown>>): Extract<Received, { type: "respond" }> {
  return {
    type: "respond",
    response: { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(body) },
  };
}

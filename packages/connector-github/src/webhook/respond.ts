import type { Logger, Received, ReceivedRequest } from "@statewave-connectors/connector-sdk";
import { type GithubPushConfig, wantedGroups } from "../push-options.ts";
import { eventName, parsePayload, repositoryNameOf, toDelivery } from "./delivery.ts";
import type { Installations } from "./installations.ts";
import { mappingOf } from "./map-event.ts";

type Respond = Extract<Received, { type: "respond" }>;

/** GitHub's event names and delivery ids are far shorter; a longer one does not come from GitHub. */
const maxHeaderLength = 100;

/** GitHub's id of a delivery. */
export function deliveryIdOf({ headers }: Pick<ReceivedRequest, "headers">): string | undefined {
  const id = headers["x-github-delivery"] ?? "";
  return id.length <= maxHeaderLength ? id : undefined;
}

/**
 * Answers a genuine delivery that is not stored; undefined for one that is. Whatever is signed is answered 2xx: GitHub shows anything else as a
 * failed delivery, and sending it again would not change it. What is not stored is named in the answer, where GitHub's list of recent
 * deliveries shows it.
 */
export function respond(
  request: ReceivedRequest,
  { config, installations, logger }: { config: GithubPushConfig; installations: Installations; logger: Logger },
): Respond | undefined {
  const event = (request.headers["x-github-event"] ?? "").slice(0, maxHeaderLength);
  if (event === "ping") return { ...answered({ pong: true }), ignored: "ping", event };
  const payload = parsePayload(request.body);
  if (payload === undefined) {
    logger.warn("a signed GitHub delivery holds no JSON object and is passed over", { event });
    return { ...answered({ ignored: "no JSON object" }), ignored: "no_json_object", event };
  }
  const delivery = toDelivery(event, payload);
  const passOver = (ignored: string, reason: string, fields: Readonly<Record<string, unknown>> = {}): Respond => {
    logger.debug("a GitHub event is passed over", { event, reason, ...fields });
    return { ...answered({ ignored: reason }), ignored, event: eventName(delivery) };
  };
  if (event === "installation") installations.hear(delivery.action, payload, request.receivedAtMs);
  else installations.signOfLife(payload, request.receivedAtMs);
  const mapping = mappingOf(delivery);
  if (mapping === undefined) {
    const action = delivery.action?.slice(0, maxHeaderLength);
    return passOver("event_not_mapped", "event or action makes no episodes", { action });
  }
  if (!wantedGroups(config).has(mapping.group)) return passOver("not_wanted", `${mapping.group} are not wanted`);
  const passedOver = mapping.passedOver?.(payload);
  if (passedOver !== undefined) return passOver(passedOver, passedOver.replaceAll("_", " "));
  const repository = repositoryNameOf(payload);
  if (!isWanted(config.repos, repository)) return passOver("repository_not_wanted", "repository is not in repos", { repository });
  return undefined;
}

function isWanted(repos: readonly string[] | undefined, repository: string | undefined): boolean {
  if (repos === undefined) return true;
  const name = repository?.toLowerCase();
  return repos.some((repo) => repo.toLowerCase() === name);
}

function answered(body: Readonly<Record<string, unknown>>): Respond {
  return {
    type: "respond",
    response: { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(body) },
  };
}

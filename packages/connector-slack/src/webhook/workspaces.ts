import { HealthOfParts, type Logger, type ReportHealth, type SourceHealth } from "@statewave-connectors/connector-sdk";
import { type Fields, toFields } from "@statewave-connectors/connector-sdk/items";
import { installedIn } from "../episodes/origin.ts";

/** Slack reports each limited minute once it is over; an event of the minute after the next shows that there was no further one. */
const limitOverMs = 2 * 60_000;

/**
 * The health of the workspaces that send here. An uninstalled app, a revoked token or a rate limit makes the source unhealthy. Only an
 * event that happened later makes it healthy again, because Slack delivers older events for another day.
 */
export class Workspaces {
  readonly #health: HealthOfParts;
  readonly #logger: Logger;

  constructor(report: ReportHealth, logger: Logger) {
    this.#health = new HealthOfParts(report);
    this.#logger = logger;
  }

  /** Records what a delivery reports about its workspace. True: it reports nothing else. `nowMs` is when it arrived. */
  recordEvent(delivery: Fields, nowMs: number): boolean {
    const event = toFields(delivery["event"]);
    switch (event?.["type"]) {
      case "app_uninstalled":
        this.#recordLoss(delivery, happenedMs(delivery, nowMs), uninstalled);
        return true;
      case "tokens_revoked":
        this.#recordRevoked(event, delivery, nowMs);
        return true;
      default:
        if (!this.#health.isWhole) this.#health.signOfLife(teamOf(delivery), happenedMs(delivery, nowMs));
        return false;
    }
  }

  /** `app_rate_limited`: a delivery of its own shape, without an event. */
  recordRateLimit(delivery: Fields, nowMs: number): void {
    const minute = delivery["minute_rate_limited"];
    const minuteMs = typeof minute === "number" ? Math.min(minute * 1_000, nowMs) : nowMs;
    this.#recordLoss(delivery, minuteMs + limitOverMs, dropping);
  }

  #recordRevoked(event: Fields, delivery: Fields, nowMs: number): void {
    const tokens = toFields(event["tokens"]);
    const count = (kind: string) => (Array.isArray(tokens?.[kind]) ? tokens[kind].length : 0);
    // A person who takes back a consent of their own ends nothing: only the bot's tokens are used here.
    if (count("bot") > 0) return this.#recordLoss(delivery, happenedMs(delivery, nowMs), revoked);
    const team_id = teamOf(delivery);
    this.#logger.warn("people revoked tokens of the app; its bot token still stands", { team_id, user_tokens: count("oauth") });
  }

  #recordLoss(delivery: Fields, untilMs: number, toHealth: (team: string) => Loss): void {
    const team = teamOf(delivery);
    this.#health.lose(team, { health: toHealth(team === "" ? "that it does not name" : team), untilMs });
  }
}

type Loss = Extract<SourceHealth, { ok: false }>;

const installAgain = "install the app again at api.slack.com/apps, and set the new bot_token where one is used";

function uninstalled(team: string): Loss {
  const message = `the app was uninstalled from the Slack workspace ${team}, which sends no more events`;
  return { ok: false, code: "SLACK_APP_UNINSTALLED", message, hint: installAgain };
}

function revoked(team: string): Loss {
  const message = `the app's bot token for the Slack workspace ${team} was revoked, so it sends no more events`;
  return { ok: false, code: "SLACK_TOKEN_REVOKED", message, hint: installAgain };
}

function dropping(team: string): Loss {
  return {
    ok: false,
    code: "SLACK_EVENTS_DROPPED",
    message: `Slack drops events of the workspace ${team}: it sends at most 30,000 within an hour`,
    hint: "subscribe to fewer events, or take the app out of busy channels; a [[pull.slack]] entry named by `pull` brings what was dropped",
  };
}

/** Its id; what is none is not worth keeping. */
function teamOf(delivery: Fields): string {
  const id = installedIn(delivery) ?? "";
  return /^[A-Z0-9]{1,40}$/.test(id) ? id : "";
}

/** When the event happened, epoch milliseconds, but not later than its arrival. */
function happenedMs(delivery: Fields, nowMs: number): number {
  const seconds = delivery["event_time"];
  return typeof seconds === "number" ? Math.min(seconds * 1_000, nowMs) : nowMs;
}

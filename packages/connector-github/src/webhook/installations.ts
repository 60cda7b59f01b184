import { HealthOfParts, type ReportHealth, type SourceHealth } from "@statewave-connectors/connector-sdk";
import * as v from "valibot";
import type { Payload } from "./delivery.ts";

/** Deliveries overtake each other by seconds: one that was sent before an app was removed may arrive after. */
const underWayMs = 60_000;

const owner = v.object({ login: v.pipe(v.string(), v.nonEmpty(), v.maxLength(100)) });
const installationEvent = v.object({ installation: v.object({ account: owner }) });
/** Only deliveries of a GitHub App name an installation: the webhook of a repository still sends after an app is removed. */
const appEvent = v.object({ installation: v.object({ id: v.number() }), repository: v.object({ owner }) });

/** The installations of the sending app, as GitHub reports them. An account that removes or suspends it makes the source unhealthy. */
export class Installations {
  readonly #health: HealthOfParts;

  constructor(report: ReportHealth) {
    this.#health = new HealthOfParts(report);
  }

  /** An `installation` event that arrived at `nowMs`. By account and not by its id: an app that is installed again has another one. */
  hear(action: string | undefined, payload: Payload, nowMs: number): void {
    const event = v.safeParse(installationEvent, payload);
    if (!event.success) return;
    const { login } = event.output.installation.account;
    const untilMs = nowMs + underWayMs;
    if (action === "deleted") this.#health.lose(login, { health: removed(login), untilMs });
    else if (action === "suspend") this.#health.lose(login, { health: suspended(login), untilMs });
    else if (action === "created" || action === "unsuspend") this.#health.recover(login);
  }

  /** Any other event: its sender has the app installed. */
  signOfLife(payload: Payload, nowMs: number): void {
    if (this.#health.isWhole) return;
    const event = v.safeParse(appEvent, payload);
    if (event.success) this.#health.signOfLife(event.output.repository.owner.login, nowMs);
  }
}

type Loss = Extract<SourceHealth, { ok: false }>;

function removed(login: string): Loss {
  return {
    ok: false,
    code: "GITHUB_APP_UNINSTALLED",
    message: `the GitHub App was uninstalled from ${login}, which sends no more events`,
    hint: "install it again, and set the new `installation_id` where a pull uses it; or take the entry out",
  };
}

function suspended(login: string): Loss {
  return {
    ok: false,
    code: "GITHUB_APP_SUSPENDED",
    message: `the GitHub App was suspended for ${login}, which sends no more events`,
    hint: "unsuspend it in the settings of the installation; a pull that `pull` names reads the events it missed",
  };
}

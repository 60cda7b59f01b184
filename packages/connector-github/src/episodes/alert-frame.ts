import type { Author, Episode } from "@statewave-connectors/connector-sdk";
import type { RepositoryEvent } from "../webhook/delivery.ts";
import type { Account } from "../rows.ts";
import { insiderOf, loginOf } from "./author.ts";
import { type EpisodeParts, pointer, toEpisode } from "./episode-parts.ts";
import { firstLine, placeOf } from "./first-line.ts";

/** What happened to a security alert. */
export interface AlertDeed extends Pick<EpisodeParts, "outcome" | "metadata"> {
  /** GitHub's name of the event. */
  readonly alert: "dependabot_alert" | "code_scanning_alert" | "secret_scanning_alert";
  readonly what: "created" | "dismissed" | "fixed" | "reopened" | "resolved" | "revoked" | "publicly_leaked";
  readonly number: number;
  /** What was found. */
  readonly title: string;
  /** The first line up to the title; `place` is `of acme/widgets`. */
  readonly say: (place: string) => string;
  readonly body: string;
  /** The time that the payload has; undefined: none. */
  readonly at: string | undefined;
  readonly author: Author;
  readonly page: string | undefined;
  /** Distinguishes one occurrence of a repeatable event from the next. */
  readonly discriminator?: string | undefined;
}

/** The episode of what happened to a security alert. It is news whichever program reports it, so none is left out as a bot's. */
export function alertEpisode({ repository, receivedAt }: RepositoryEvent, deed: AlertDeed): Episode {
  const { alert, what, number, title, say, body, at, author, outcome, page, discriminator, metadata } = deed;
  const kind = `github.${alert}.${what}`;
  return toEpisode(repository, {
    kind,
    line: firstLine(placeOf(repository.fullName), title, say),
    body,
    at: at ?? receivedAt,
    title,
    session: `${alert}-${number}`,
    author,
    ...(outcome !== undefined && { outcome }),
    source: pointer(`github.${alert}`, `${repository.fullName}/${alert}/${number}`, page),
    keyParts: [alert, number, kind, ...(discriminator === undefined ? [] : [discriminator])],
    metadata: { alert_number: number, ...metadata },
  });
}

/** GitHub's scanners act by themselves, under the account `github` or none. */
export function actorOf(by: Account, scanner: string): Author {
  if (by === null || by === undefined || by.login === "github") return { name: scanner, kind: "bot", verifiedBy: "github" };
  return insiderOf(by);
}

/** The time of a change that may happen again, for the episode and its key. `otherwise` distinguishes changes without a time. */
export function changedAt(at: string | null | undefined, otherwise = "") {
  return { at: at ?? undefined, discriminator: at ?? otherwise };
}

/** An account dismissed an alert; `named` is `code scanning alert 7 of acme/widgets`. */
export function dismissal(
  by: Account,
  scanner: string,
  named: (place: string) => string,
  givenReason: string | null | undefined,
) {
  const reason = givenReason?.replaceAll("_", " ");
  const asReason = reason === undefined ? "" : ` as ${reason}`;
  return {
    what: "dismissed",
    say: (place: string) => `${loginOf(by)} dismissed ${named(place)}${asReason}`,
    author: actorOf(by, scanner),
    outcome: { status: "dismissed", ...(reason !== undefined && { reason }) },
  } as const;
}

import type { SlackClient } from "./client.ts";
import { badAnswer } from "./errors.ts";
import { stringField } from "./fields.ts";

/** Whose token it is. */
export interface Identity {
  readonly teamId: string;
  readonly teamName: string;
  readonly userId: string | undefined;
  /** Undefined: Slack does not say, so everything is tried. */
  readonly scopes: ReadonlySet<string> | undefined;
}

/** Asks Slack whose token it is; the cheapest question there is. */
export async function identify(client: SlackClient, signal: AbortSignal): Promise<Identity> {
  const { body, scopes } = await client.call("auth.test", {}, signal);
  const teamId = stringField(body, "team_id");
  if (teamId === undefined) throw badAnswer(`Slack's answer to auth.test for ${client.entry} names no team`);
  return { teamId, teamName: stringField(body, "team") ?? teamId, userId: stringField(body, "user_id"), scopes };
}

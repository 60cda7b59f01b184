import { stringField } from "@statewave-connectors/connector-sdk/items";
import type { SlackClient } from "./client.ts";
import { teamRequired } from "./errors.ts";
import { toWorkspaceUrl } from "./names/to-names.ts";

/** Whose token it is. */
export interface Identity {
  /** The workspace that is read. */
  readonly teamId: string;
  /** Of the workspace, or of the organization that the app is installed in. */
  readonly teamName: string;
  readonly userId: string | undefined;
  /** The address of the workspace; undefined: Slack does not say. */
  readonly url: string | undefined;
  /** Undefined: Slack does not say, so everything is tried. */
  readonly scopes: ReadonlySet<string> | undefined;
}

/**
 * Requests whose token it is, the cheapest of all requests.
 *
 * @param teamId The option `team_id`: which workspace a token of an organization-wide install is used for.
 * @throws SLACK_TEAM_REQUIRED for such a token without the option, and for the token of another workspace.
 */
export async function identify(client: SlackClient, teamId: string | undefined, signal: AbortSignal): Promise<Identity> {
  const answer = await client.call("auth.test", {}, signal);
  const { body, scopes } = answer;
  const own = stringField(body, "team_id");
  if (own === undefined) throw client.badAnswer(answer, "names no team");
  const { entry } = client;
  if (body["is_enterprise_install"] !== true && teamId !== undefined && teamId !== own) {
    throw client.error(teamRequired(`bot_token of ${entry} belongs to the workspace ${own}, and \`team_id\` is ${teamId}`));
  }
  if (body["is_enterprise_install"] === true && teamId === undefined) {
    throw client.error(
      teamRequired(`bot_token of ${entry} belongs to an organization-wide install, and \`team_id\` names no workspace`),
    );
  }
  return {
    teamId: teamId ?? own,
    teamName: stringField(body, "team") ?? own,
    userId: stringField(body, "user_id"),
    url: toWorkspaceUrl(body, teamId ?? own),
    scopes,
  };
}

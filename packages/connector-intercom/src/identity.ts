import { isProviderError, type ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { itemText } from "@statewave-connectors/connector-sdk/items";
import * as v from "valibot";

const Me = v.object({
  app: v.nullish(v.object({ id_code: v.string(), name: itemText(), region: itemText() })),
});

/** The workspace that a token belongs to. */
export interface Identity {
  readonly app: string;
  readonly name: string;
  /** As Intercom writes it, e.g. `US`. */
  readonly region: string;
}

/** What Intercom says of a token. */
export type Identification =
  | { readonly type: "named"; readonly identity: Identity }
  /** Its answer names no workspace. */
  | { readonly type: "unnamed" }
  /** The app lacks the right to it. */
  | { readonly type: "forbidden" };

/**
 * Requests whose token it is. Keys hold the workspace, so that nothing may be read with the token of another one.
 *
 * @throws INTERCOM_APP_MISMATCH
 */
export async function identify(client: ProviderClient, appId: string, signal: AbortSignal): Promise<Identification> {
  const app = await appOf(client, signal);
  if (app === "forbidden") return { type: "forbidden" };
  if (app === undefined || app === null) return { type: "unnamed" };
  if (app.id_code === appId) return { type: "named", identity: { app: app.id_code, name: app.name, region: app.region } };
  throw client.error({
    is: "refused",
    code: "INTERCOM_APP_MISMATCH",
    message: `\`access_token\` of ${client.entry} belongs to the workspace ${JSON.stringify(app.id_code.slice(0, 64))}, and \`app_id\` is ${appId}`,
    hint: "set `app_id` to the workspace of the token, or `access_token` to a token of that workspace",
  });
}

/** Without the right to it conversations can be read all the same. */
async function appOf(client: ProviderClient, signal: AbortSignal): Promise<v.InferOutput<typeof Me>["app"] | "forbidden"> {
  try {
    const { body } = await client.get("me", { schema: Me, about: "the token", signal });
    return body.app;
  } catch (error) {
    if (isProviderError(error, "forbidden")) return "forbidden";
    throw error;
  }
}

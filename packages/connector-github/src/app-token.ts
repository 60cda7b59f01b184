import { createSign } from "node:crypto";
import { type ConfigSchema, Secret } from "@statewave-connectors/connector-sdk";
import { CachedToken } from "@statewave-connectors/connector-sdk/auth";
import { path, ProviderClient, type ProviderOptions } from "@statewave-connectors/connector-sdk/http";
import * as v from "valibot";

/** An installed GitHub App, as the entry names it. */
export interface AppInstallation {
  /** The app's id, or its client id. */
  readonly appId: string;
  /** PEM. */
  readonly privateKey: Secret;
  readonly installationId: string;
}

const minted: ConfigSchema<{ readonly token: string; readonly expires_at: string }> = v.object({
  token: v.pipe(v.string(), v.nonEmpty()),
  expires_at: v.pipe(v.string(), v.isoTimestamp()),
});

/**
 * Tokens of an installation, made when they are needed. A failure to make one names the options of the entry.
 *
 * @see https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app
 */
export function appToken(app: AppInstallation, provider: ProviderOptions): CachedToken {
  const { clock } = provider.context;
  const client = new ProviderClient({
    ...provider,
    authorize: {
      headers: () => ({ authorization: `Bearer ${appJwt(app, clock.now()).reveal()}` }),
      account: `app ${app.appId}`,
    },
    answers: [
      ...(provider.answers ?? []),
      {
        status: 401,
        is: "unauthorized",
        hint: "check that `private_key` is a key of the app `app_id`, and that this machine's clock is right",
      },
      { status: 403, is: "unauthorized", hint: "unsuspend the installation at GitHub" },
      {
        status: 404,
        is: "unauthorized",
        hint: "set `installation_id` to the number at the end of the address of its settings page: the app has no such installation",
      },
    ],
  });
  return new CachedToken({
    clock,
    mint: async (signal) => {
      const target = path`app/installations/${app.installationId}/access_tokens`;
      const { body, dateMs } = await client.post(target, { signal, schema: minted });
      return { token: body.token, lifetimeMs: Date.parse(body.expires_at) - dateMs };
    },
  });
}

/** The app's identity, signed with its key. It is valid from a minute ago, as GitHub advises, for clocks that are fast. */
function appJwt({ appId, privateKey }: Pick<AppInstallation, "appId" | "privateKey">, nowMs: number): Secret {
  const nowSeconds = Math.floor(nowMs / 1_000);
  const claims = { iat: nowSeconds - 60, exp: nowSeconds + 9 * 60, iss: appId };
  const statement = `${jwtPart({ alg: "RS256", typ: "JWT" })}.${jwtPart(claims)}`;
  const signature = createSign("RSA-SHA256").update(statement).sign(privateKey.reveal(), "base64url");
  return new Secret(`${statement}.${signature}`, { minted: true });
}

function jwtPart(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

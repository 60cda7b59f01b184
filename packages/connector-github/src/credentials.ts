import { createSign } from "node:crypto";
import { type Clock, ConnectorsError, Secret } from "@statewave-connectors/connector-sdk";
import * as v from "valibot";
import { badAnswer, type CredentialsKind } from "./errors.ts";

/** What the Authorization header of a request is made from. */
export interface Credentials {
  readonly kind: CredentialsKind;
  /** Undefined: no header. */
  bearer(mint: MintToken, signal: AbortSignal): Promise<Secret | undefined>;
  /** GitHub no longer takes what `bearer` gave. */
  forget(): void;
}

/** Sends a POST below `base_url` with a bearer of its own and answers its JSON. */
export type MintToken = (path: string, bearer: Secret, signal: AbortSignal) => Promise<unknown>;

/** An installed GitHub App, as the entry names it. */
export interface AppInstallation {
  /** The app's id, or its client id. */
  readonly appId: string;
  /** PEM. */
  readonly privateKey: Secret;
  readonly installationId: string;
}

/** A token that stays, or none. */
export function tokenCredentials(token: Secret | undefined): Credentials {
  return {
    kind: token === undefined ? "none" : "token",
    bearer: () => Promise.resolve(token),
    forget: () => undefined,
  };
}

/** Installation tokens live an hour; a request that begins now ends well within five minutes. */
const renewBeforeMs = 5 * 60_000;

const minted = v.object({ token: v.pipe(v.string(), v.nonEmpty()), expires_at: v.pipe(v.string(), v.isoTimestamp()) });

/**
 * Tokens of an installation, made when they are needed and kept in memory until shortly before they expire.
 *
 * @see https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app
 */
export function appCredentials(app: AppInstallation, clock: Clock): Credentials {
  let current: { readonly token: Secret; readonly expiresAtMs: number } | undefined;
  return {
    kind: "app",
    async bearer(mint, signal) {
      if (current === undefined || clock.now() >= current.expiresAtMs - renewBeforeMs) {
        const path = `app/installations/${app.installationId}/access_tokens`;
        const answer = v.safeParse(minted, await mint(path, appJwt(app, clock.now()), signal));
        if (!answer.success) throw badAnswer(`GitHub's answer to POST /${path} holds no token`);
        current = { token: new Secret(answer.output.token, { minted: true }), expiresAtMs: Date.parse(answer.output.expires_at) };
      }
      return current.token;
    },
    forget() {
      current = undefined;
    },
  };
}

/** The statement, signed by the app's key, that it is the app who asks. It begins a minute ago, as GitHub advises, for clocks that are fast. */
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

/** A failure to make a token, in the words of the entry. */
export function mintingFailed(
  error: ConnectorsError,
  { status, path }: { readonly status: number; readonly path: string },
): ConnectorsError {
  const hints: Readonly<Record<number, string>> = {
    401: "check that `private_key` is a key of the app `app_id`, and that this machine's clock is right",
    403: "unsuspend the installation at GitHub",
    404: "set `installation_id` to the number at the end of the address of its settings page: the app has no such installation",
  };
  const hint = hints[status];
  if (hint === undefined || error.retryable) return error;
  return new ConnectorsError({ code: "GITHUB_UNAUTHORIZED", message: `GitHub answered ${status} to POST /${path}`, hint });
}

import {
  type CheckResult,
  type ConnectorContext,
  type PushReceiver,
  type ReceivedRequest,
  type Refusal,
} from "@statewave-connectors/connector-sdk";
import { type VerifyRequest, withProver } from "@statewave-connectors/connector-sdk/signature";
import { idTokenVerifier } from "@statewave-connectors/oidc";
import type { GmailPushOptions, OidcOptions } from "../push-options.ts";
import { noNotification, readPush } from "./notification.ts";
import { verifyPathToken } from "./path-token.ts";

/** Verifies a notification in a program that embeds the receiver: false refuses it. A retryable error is answered 503. */
export type VerifyAuth = (request: Request) => boolean | Promise<boolean>;

/** What a program that embeds the receiver does by itself. */
export interface PushHooks {
  /** Has to agree besides `oidc` and `path_token`; with it the entry needs none of them. */
  readonly verifyAuth?: VerifyAuth | undefined;
}

type Verify = (request: ReceivedRequest, signal: AbortSignal) => Refusal | undefined | Promise<Refusal | undefined>;

/** Google, as `iss` names it. */
const googleIssuers = ["https://accounts.google.com", "accounts.google.com"];

/** Opens a `[[push.gmail]]` entry. */
export function openPush(options: GmailPushOptions, context: ConnectorContext, hooks: PushHooks): PushReceiver {
  const verifiers = verifiersOf(options, context, hooks);
  /** All of them have to agree; the one that needs no network comes first. */
  const verify: VerifyRequest = async (request, signal) => {
    for (const each of verifiers) {
      const refusal = await each(request, signal);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  };
  const [token] = options.path_token ?? [];
  return {
    // Google signs ID tokens with a key of its own: only what proves itself by the path token alone can be imitated.
    verify:
      token === undefined || verifiers.length > 1
        ? verify
        : withProver(verify, () => ({ headers: {}, query: { token: token.reveal() } })),
    // A program's own hook may look at the body.
    provesByHead: hooks.verifyAuth === undefined,
    receive(request) {
      const { id, notification } = readPush(request);
      const identity = id === undefined ? {} : { id };
      // What is genuine and cannot be read ends where people see it: a refusal would come back for days.
      if (notification === undefined) return { type: "event", ...identity };
      return { type: "trigger", part: notification.address, ...identity };
    },
    // eslint-disable-next-line require-yield -- nothing that is stored can be mapped
    async *pages() {
      throw noNotification();
    },
    check: async () => checkPush(options, context, hooks),
  };
}

function verifiersOf(
  { oidc, path_token: tokens }: GmailPushOptions,
  context: ConnectorContext,
  { verifyAuth }: PushHooks,
): readonly Verify[] {
  return [
    ...(tokens === undefined ? [] : [(request: ReceivedRequest) => verifyPathToken(request, tokens)]),
    ...(oidc === undefined ? [] : [oidcVerifier(oidc, context)]),
    ...(verifyAuth === undefined ? [] : [verifierBy(verifyAuth)]),
    // The schema wants one of them; without any, every sender is refused.
    ...(tokens === undefined && oidc === undefined && verifyAuth === undefined ? [refuseAll] : []),
  ];
}

function oidcVerifier(
  { audience, expected_emails, jwks_uri, issuer, leeway_sec }: OidcOptions,
  context: ConnectorContext,
): Verify {
  const expectation = {
    jwksUrl: jwks_uri,
    issuers: issuer ?? googleIssuers,
    audiences: [audience],
    audienceOption: "oidc.audience",
    emails: expected_emails,
    emailsOption: "oidc.expected_emails",
    toleranceSeconds: leeway_sec,
  };
  return idTokenVerifier(expectation, context);
}

function verifierBy(verifyAuth: VerifyAuth): Verify {
  return async ({ method, path, headers, body }) => {
    const sent = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, value]],
    );
    const content = method === "GET" || method === "HEAD" ? {} : { body: Uint8Array.from(body) };
    const request = new Request(new URL(path, "http://runner"), { method, headers: sent, ...content });
    return (await verifyAuth(request))
      ? undefined
      : { reason: "signature_invalid", hint: "check why verifyAuth refuses the sender" };
  };
}

const refuseAll: Verify = () => ({ reason: "signature_missing", hint: "set `oidc` or `path_token`" });

function checkPush(
  { oidc, path_token }: GmailPushOptions,
  { source, twin }: ConnectorContext,
  { verifyAuth }: PushHooks,
): readonly CheckResult[] {
  const entry = `[[push.gmail]] name = ${JSON.stringify(source.name)}`;
  const proofs = [
    ...(oidc === undefined ? [] : [`ID tokens of ${oidc.expected_emails.join(" or ")}`]),
    ...(path_token === undefined ? [] : ["the token in the URL"]),
    ...(verifyAuth === undefined ? [] : ["verifyAuth"]),
  ];
  return [
    { ok: true, message: `${entry} verifies ${proofs.join(" and ")}` },
    twin === undefined
      ? {
          ok: false,
          message: `${entry} reads nothing, because notifications hold no mail: set \`pull\` to the name of a [[pull.gmail]] entry`,
        }
      : { ok: true, message: `notifications of ${entry} make [[pull.gmail]] name = ${JSON.stringify(twin)} read` },
  ];
}

import { createVerify, type KeyObject } from "node:crypto";

interface App {
  readonly appId: string;
  readonly publicKey: KeyObject;
}

/** GitHub refuses a statement that ends more than ten minutes from now, or begins in the future. */
const longestSeconds = 600;

/** Whether a bearer is the statement of this app, as GitHub judges it. */
export function isSignedByApp(authorization: string | undefined, { appId, publicKey }: App, nowMs: number): boolean {
  const [header, claims, signature] = (/^Bearer (.+)$/.exec(authorization ?? "")?.[1] ?? "").split(".");
  if (header === undefined || claims === undefined || signature === undefined) return false;
  const isGenuine = createVerify("RSA-SHA256").update(`${header}.${claims}`).verify(publicKey, signature, "base64url");
  const { alg } = parse(header);
  const { iss, iat, exp } = parse(claims);
  const now = nowMs / 1_000;
  return (
    isGenuine &&
    alg === "RS256" &&
    iss === appId &&
    Number(iat) <= now &&
    Number(exp) > now &&
    Number(exp) - now <= longestSeconds
  );
}

function parse(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
}

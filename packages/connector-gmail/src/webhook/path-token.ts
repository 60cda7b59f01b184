import { hash, timingSafeEqual } from "node:crypto";
import type { ReceivedRequest, Refusal, Secret } from "@statewave-connectors/connector-sdk";

/** Verifies the token in a request's URL: `?token=…`, or what stands behind `/events/`. */
export function verifyPathToken({ path }: Pick<ReceivedRequest, "path">, tokens: readonly Secret[]): Refusal | undefined {
  const sent = sentToken(path);
  if (sent === undefined) {
    return {
      reason: "signature_missing",
      hint: "let the URL of the subscription's endpoint end with `?token=` and `path_token`",
    };
  }
  const digest = digestOf(sent);
  // Every token is compared, so that the time says nothing.
  const isKnown = tokens.filter((token) => timingSafeEqual(digest, digestOf(token.reveal()))).length > 0;
  return isKnown
    ? undefined
    : { reason: "signature_invalid", hint: "set `path_token` to the token in the URL of the subscription's endpoint" };
}

function sentToken(path: string): string | undefined {
  const url = URL.parse(path, "http://runner");
  const inQuery = url?.searchParams.get("token");
  if (inQuery !== null && inQuery !== undefined && inQuery !== "") return inQuery;
  const [, behind] = url?.pathname.split("/events/") ?? [];
  return behind === undefined || behind === "" ? undefined : decoded(behind);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function digestOf(text: string): Buffer {
  return hash("sha256", text, "buffer");
}

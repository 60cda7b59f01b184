import { hash, timingSafeEqual } from "node:crypto";
import type { ReceivedRequest, Refusal, Secret } from "@statewave-connectors/connector-sdk";

/** Verifies the token in a request's URL: `?token=…`, or what stands behind `/events/`. */
export function verifyPathToken({ path }: Pick<ReceivedRequest, "path">, tokens: readonly Secret[]): Refusal | undefined {
  const sent = sentTokens(path);
  if (sent.length === 0) {
    return {
      reason: "signature_missing",
      hint: "let the URL of the subscription's endpoint end with `?token=` and `path_token`",
    };
  }
  const digests = sent.map((each) => digestOf(each));
  // Every token is compared, so that the time says nothing.
  const known = tokens.flatMap((token) => digests.filter((digest) => timingSafeEqual(digest, digestOf(token.reveal()))));
  return known.length > 0
    ? undefined
    : { reason: "signature_invalid", hint: "set `path_token` to the token in the URL of the subscription's endpoint" };
}

/** What the token may be. A plus sign is a space in forms, and itself in a token of base64 that was pasted into the URL. */
function sentTokens(path: string): readonly string[] {
  const readings = [path, path.replaceAll("+", "%2B")].flatMap((each) => sentToken(each) ?? []);
  return [...new Set(readings)];
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

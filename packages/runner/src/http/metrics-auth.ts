import type { MetricsAuth } from "@statewave-connectors/config/result";
import type { ReceiverResponse } from "@statewave-connectors/connector-sdk";
import { jsonAnswer } from "@statewave-connectors/connector-sdk/receive";
import { constantTimeEqual } from "@statewave-connectors/connector-sdk/signature";

/** Whether the Authorization header, as received, opens `/metrics`. Anything malformed simply does not; an empty secret never does. */
export function isAuthorized(auth: MetricsAuth, authorization: string | undefined): boolean {
  switch (auth.kind) {
    case "none":
      return true;
    case "bearer": {
      const token = credentialsOf(authorization, "bearer");
      return token !== undefined && auth.token.reveal() !== "" && constantTimeEqual(token, auth.token);
    }
    case "basic": {
      const encoded = credentialsOf(authorization, "basic");
      if (encoded === undefined || auth.password.reveal() === "") return false;
      // Compared as a whole: a right name cannot be distinguished from a wrong one.
      return constantTimeEqual(Buffer.from(encoded, "base64").toString("utf8"), `${auth.username}:${auth.password.reveal()}`);
    }
  }
}

/** The same answer for every kind of auth: it does not reveal which one is configured. */
export const unauthorized: ReceiverResponse = jsonAnswer(
  401,
  { error: "unauthorized" },
  { "www-authenticate": 'Basic realm="metrics", Bearer' },
);

/** The credentials behind a scheme. RFC 9110 §11.1: the case of the scheme does not matter. */
export function credentialsOf(authorization: string | undefined, scheme: string): string | undefined {
  const [, name, credentials] = /^(\S+) +(\S.*)$/.exec(authorization ?? "") ?? [];
  return name?.toLowerCase() === scheme ? credentials : undefined;
}

import type { AnswerFacts, AnswerRow, ProviderOptions } from "@statewave-connectors/connector-sdk/http";
import { stringField, toFields, toFieldsList } from "@statewave-connectors/connector-sdk/items";

/** What Intercom says otherwise than most. */
export const answers: readonly AnswerRow[] = [
  // The token is good, and the app was not given the permission.
  { status: 401, when: (facts) => codeOf(facts) === "token_unauthorized", is: "forbidden" },
  {
    status: 400,
    when: (facts) => codeOf(facts) === "intercom_version_invalid",
    is: "refused",
    code: "INTERCOM_VERSION_REFUSED",
    hint: "update the connector: Intercom no longer has the version of its API that this release requests",
  },
];

export const hints: NonNullable<ProviderOptions["hints"]> = {
  unauthorized: "set `access_token` to the token of your app in the Developer Hub, and `region` to where the workspace is hosted",
  forbidden: "give the app the permission that the request needs, and check that the workspace's plan includes the API",
};

function codeOf({ body }: AnswerFacts): string | undefined {
  const [first] = toFieldsList(toFields(body)?.["errors"]);
  return stringField(first, "code");
}

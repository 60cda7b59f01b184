import { expect, test } from "vitest";
import { defineConnector } from "../../src/index.ts";
import { contractError, contractVersion } from "../../src/host/index.ts";

test("a connector carries the contract that it was made for", () => {
  const connector = defineConnector({ kind: "tiny", version: "1.0.0" });
  expect(connector.contract).toBe(contractVersion);
  expect(contractError(connector)).toBeUndefined();
});

test("a connector made before contracts had versions fits the first", () => {
  expect(contractError({ kind: "tiny", version: "0.1.0" })).toBeUndefined();
});

test.each([
  [2, "2", "update statewave-connectors"],
  [17, "17", "update statewave-connectors"],
  [0, "0", "install a version of the connector"],
  [1.5, "1.5", "update statewave-connectors"],
  [Number.NaN, "NaN", "install a version of the connector"],
  ["2", '"2"', "install a version of the connector"],
  [null, "null", "install a version of the connector"],
  [{ major: 2 }, '{"major":2}', "install a version of the connector"],
  [() => 1, "function", "install a version of the connector"],
])("a connector of contract %s is refused in one sentence that names both contracts", (contract, shown, advice) => {
  expect(contractError({ kind: "zendesk", version: "3.2.0", contract })).toMatchObject({
    code: "CONFIG_CONTRACT_UNSUPPORTED",
    message: `connector zendesk 3.2.0 is made for connector contract ${shown}, this release works with contract 1`,
    hint: expect.stringContaining(advice),
    retryable: false,
  });
});

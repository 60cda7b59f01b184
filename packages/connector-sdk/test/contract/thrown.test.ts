import { expect, test } from "vitest";
import { ConnectorsError } from "../../src/index.ts";
import { toError } from "../../src/host/index.ts";

test("an error stays as it is", () => {
  const errors = [new TypeError("bad"), new ConnectorsError({ code: "ACME_DOWN", message: "down", retryAtMs: 5 })];
  for (const error of errors) expect(toError(error)).toBe(error);
});

const throwing = () => {
  throw new Error("no");
};
const brand = Symbol.for("@statewave-connectors/error");

test.each([
  ["text", 'the connector threw "text" instead of an error'],
  ["x".repeat(300), `the connector threw "${"x".repeat(200)}…" instead of an error`],
  [null, "the connector threw null instead of an error"],
  [undefined, "the connector threw undefined instead of an error"],
  [5, "the connector threw 5 instead of an error"],
  [Symbol("x"), "the connector threw a symbol instead of an error"],
  [{ code: 5 }, "the connector threw an object instead of an error"],
  [{ message: "quota" }, 'the connector threw an object with the message "quota" instead of an error'],
  [Object.create(null), "the connector threw an object instead of an error"],
  [Object.assign(new Error("x"), { message: 5 }), "the connector threw an object instead of an error"],
  [{ [brand]: true, code: 5, message: "m" }, 'the connector threw an object with the message "m" instead of an error'],
])("%o becomes an error with a code and a text", (thrown, message) => {
  expect(toError(thrown)).toMatchObject({ code: "RUNNER_CONNECTOR_DEFECT", message });
});

test("the message names who threw it", () => {
  expect(toError(null, "the inbox").message).toBe("the inbox threw null instead of an error");
});

test.each([
  ["a getter", () => new Proxy(new Error("x"), { get: throwing })],
  ["its class", () => new Proxy({}, { has: throwing, get: throwing, getPrototypeOf: throwing })],
])("a value that throws at %s becomes an error with a code and a text", (_, thrown) => {
  const message = "the connector threw something that cannot be read";
  expect(toError(thrown())).toMatchObject({ code: "RUNNER_CONNECTOR_DEFECT", message });
});

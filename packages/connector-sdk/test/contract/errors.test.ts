import { expect, test } from "vitest";
import { ConnectorsError, describeError, isConnectorsError } from "../../src/index.ts";

const options = { code: "STORE_LOCKED", message: "state is in use", hint: "stop the other runner" };

test("is recognised across two installed versions of the SDK", () => {
  const brand = Symbol.for("@statewave-connectors/error");
  const foreign = Object.assign(new Error("x"), { [brand]: true, code: "STORE_LOCKED" });
  expect(isConnectorsError(foreign, "STORE_LOCKED")).toBe(true);
  expect(isConnectorsError(foreign, "STORE_CLOSED")).toBe(false);
});

test.each([undefined, null, "text", 1, {}, new Error("x"), { code: "STORE_LOCKED" }])(
  "does not mistake %s for one of the family",
  (value) => {
    expect(isConnectorsError(value)).toBe(false);
  },
);

test("is retryable when it names a time", () => {
  expect(new ConnectorsError(options).retryable).toBe(false);
  expect(new ConnectorsError({ ...options, retryAtMs: 5 }).retryable).toBe(true);
});

test("is described in one line with its hint and without its cause", () => {
  const error = new ConnectorsError({ ...options, cause: new Error("inner") });
  expect(describeError(error)).toBe("STORE_LOCKED: state is in use (stop the other runner)");
  expect(describeError(new TypeError("bad"))).toBe("TypeError: bad");
  expect(describeError("thrown text")).toBe("thrown text");
});

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

const hostile = new Proxy(new ConnectorsError(options), {
  get() {
    throw new Error("no");
  },
  has() {
    throw new Error("no");
  },
});

test("a value that throws when it is read is described, and is none of the family", () => {
  expect(isConnectorsError(hostile)).toBe(false);
  expect(describeError(hostile)).toBe("an error that cannot be read");
  expect(describeError(Object.create(null))).toBe("an error that cannot be read");
});

test("a time that is none is no time to wait for", () => {
  expect(new ConnectorsError({ ...options, retryAtMs: Number.NaN }).retryAtMs).toBeUndefined();
  expect(new ConnectorsError({ ...options, retryAtMs: Infinity }).retryAtMs).toBeUndefined();
});

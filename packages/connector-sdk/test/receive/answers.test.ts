import { describe, expect, test } from "vitest";
import {
  bodyTooLarge,
  internalError,
  jsonAnswer,
  methodNotAllowed,
  sendableResponse,
  unavailable,
} from "../../src/receive/index.ts";

describe("refusals", () => {
  test.each([
    [methodNotAllowed(["GET", "POST"]), 405, { allow: "GET, POST" }, { error: "method_not_allowed" }],
    [bodyTooLarge(1024), 413, {}, { error: "body_too_large", limit_bytes: 1024 }],
    [unavailable("later"), 503, { "retry-after": "5" }, { error: "unavailable", hint: "later" }],
    [unavailable("much later", 60), 503, { "retry-after": "60" }, { error: "unavailable", hint: "much later" }],
    [internalError(), 500, {}, { error: "internal_error" }],
    [jsonAnswer(418, ["x"], { "x-own": "1" }), 418, { "x-own": "1" }, ["x"]],
  ])("%j carries its status, headers and JSON body", (answer, status, headers, body) => {
    expect({ ...answer, body: JSON.parse(answer.body ?? "") as unknown }).toEqual({
      status,
      headers: { "content-type": "application/json", ...headers },
      body,
    });
  });
});

describe("sendableResponse", () => {
  test("passes on what HTTP can carry, with header names in lower case", () => {
    const response = { status: 202, headers: { "Content-Type": "text/plain; charset=utf-8", "X-Latin": "é" }, body: "b" };
    expect(sendableResponse(response)).toEqual({
      status: 202,
      headers: { "content-type": "text/plain; charset=utf-8", "x-latin": "é" },
      body: "b",
    });
  });

  test.each([
    ["a line break in a value", { "x-a": "1\r\nset-cookie: s" }],
    ["a lone line feed in a value", { "x-a": "1\ns" }],
    ["a NUL in a value", { "x-a": "\0" }],
    ["a character beyond Latin-1", { "x-a": "€" }],
    ["a line break in a name", { "x-a\r\nx-b": "1" }],
    ["a space in a name", { "x a": "1" }],
    ["an empty name", { "": "1" }],
    ["a length", { "Content-Length": "999" }],
    ["an encoding of the transfer", { "transfer-encoding": "chunked" }],
    ["a word on the connection", { Connection: "keep-alive" }],
  ])("leaves out a header with %s", (_title, headers) => {
    expect(sendableResponse({ status: 200, headers: { ...headers, "x-kept": "1" } })).toEqual({
      status: 200,
      headers: { "x-kept": "1" },
    });
  });

  test.each([0, -1, 99, 100, 101, 199, 600, 200.5, Number.NaN, Number.POSITIVE_INFINITY])(
    "turns status %s into 500",
    (status) => {
      expect(sendableResponse({ status, body: "details", headers: { "x-a": "1" } })).toEqual(internalError());
    },
  );

  test.each([204, 205, 304])("leaves out the body of a %s, which cannot have one", (status) => {
    expect(sendableResponse({ status, body: "surplus" })).toEqual({ status, headers: {} });
  });
});

import { describe, expect, test } from "vitest";
import { formField, isFormType, maxFormBytes } from "../../src/receive/form-payload.ts";

const read = (form: string | Uint8Array, name = "payload") => {
  const value = formField(typeof form === "string" ? new TextEncoder().encode(form) : form, name);
  return value === undefined ? undefined : Buffer.from(value).toString();
};

describe("a field of a form is what URLSearchParams reads", () => {
  test.each([
    "payload=",
    "payload",
    "payload=a&payload=b",
    "x=1&payload=a%20b+c",
    "&&payload=1&",
    "payload=%",
    "payload=%2",
    "payload=%zz%41%g1%1g",
    "payload=100%25%3D",
    "payload=%F0%9F%98%80%E2%98%83",
    "payload=a=b==c",
    "pay+load=1&payload=2",
    "PAYLOAD=1",
    "payloads=1",
    "p%61yload=1",
    "%70%61%79%6c%6f%61%64=1",
    "",
    "=1",
    "payload=é☃",
  ])("%s", (form) => {
    expect(read(form)).toBe(new URLSearchParams(form).get("payload") ?? undefined);
  });
});

test("bytes that are not UTF-8 stay as they are", () => {
  expect([...(formField(Buffer.from("payload=%ff\xfe%00", "latin1"), "payload") ?? [])]).toEqual([0xff, 0xfe, 0]);
});

test("the value has a buffer of its own, so that an inbox may transfer it", () => {
  const value = formField(new TextEncoder().encode("a=1&payload=%7B%7D&b=2"), "payload");
  expect([value?.byteOffset, value?.buffer.byteLength]).toEqual([0, 2]);
});

test("a form of a million fields is read in one pass", () => {
  expect(read(`${"a=1&".repeat(1_000_000)}payload=1`)).toBe("1");
  expect(read("&".repeat(5_000_000))).toBeUndefined();
  expect(read("%".repeat(5_000_000))).toBeUndefined();
});

test("no payload of a size takes more on the wire than is read of it", () => {
  for (const name of ["payload", "é"]) {
    const form = `${encodeURIComponent(name)}=${encodeURIComponent("☃".repeat(100))}`;
    expect(Buffer.byteLength(form)).toBeLessThanOrEqual(maxFormBytes(name, Buffer.byteLength("☃".repeat(100))));
  }
});

test.each([
  ["application/x-www-form-urlencoded", true],
  [" Application/X-WWW-form-urlencoded ;charset=utf-8", true],
  ["multipart/form-data; boundary=x", false],
  ["application/json", false],
  ["application/x-www-form-urlencoded-not", false],
  ["", false],
  [undefined, false],
])("the Content-Type %s announces a form: %s", (type, isForm) => {
  expect(isFormType(type)).toBe(isForm);
});

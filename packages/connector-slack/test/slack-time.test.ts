import { expect, test } from "vitest";
import { toIsoTime } from "../src/slack-time.ts";

test("what is no ts has no instant, also before the first one that is", () => {
  for (const text of ["", "1", "1.2.3"]) expect(() => toIsoTime(text)).toThrow(TypeError);
  expect(toIsoTime("1700000000.123456")).toBe("2023-11-14T22:13:20.123Z");
  expect(() => toIsoTime("")).toThrow(TypeError);
  expect(toIsoTime("0.000000")).toBe("1970-01-01T00:00:00.000Z");
});

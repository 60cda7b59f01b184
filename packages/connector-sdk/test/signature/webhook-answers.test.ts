import { describe, expect, test } from "vitest";
import { answerChallenge, ignore, parseJsonBody } from "../../src/signature/index.ts";

describe("a challenge", () => {
  test("is answered as plain text that no browser sniffs", () => {
    expect(answerChallenge("<script>")).toEqual({
      type: "respond",
      response: {
        status: 200,
        headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
        body: "<script>",
      },
    });
  });

  test.each([undefined, null, "", 7, {}, ["c"], "c".repeat(1_025)])("that is none is answered 400 (%#)", (challenge) => {
    expect(answerChallenge(challenge)).toMatchObject({ response: { status: 400 } });
  });
});

test("a delivery is ignored with a reason, and 200 or another answer", () => {
  expect(ignore("ping")).toEqual({ type: "respond", response: { status: 200 }, ignored: "ping" });
  expect(ignore("ping", { status: 204 }).response).toEqual({ status: 204 });
});

describe("a body", () => {
  const body = (text: string) => ({ body: new TextEncoder().encode(text) });

  test("is parsed once for all that read it", () => {
    const request = body('{"a":1}');
    expect(parseJsonBody(request)).toBe(parseJsonBody({ ...request }));
    expect(parseJsonBody(request)).toEqual({ a: 1 });
  });

  test.each(["", "{", "[".repeat(100_000), "\u0000"])("that is not JSON has no value (%#)", (text) => {
    const request = body(text);
    expect([parseJsonBody(request), parseJsonBody(request)]).toEqual([undefined, undefined]);
  });

  test("keeps integers beyond 2^53 as text", () => {
    expect(parseJsonBody(body('{"id":9007199254740993,"at":1734537511}'))).toEqual({
      id: "9007199254740993",
      at: 1_734_537_511,
    });
  });

  test("may begin with a byte order mark", () => {
    expect(parseJsonBody(body("\ufeff[1]"))).toEqual([1]);
  });
});

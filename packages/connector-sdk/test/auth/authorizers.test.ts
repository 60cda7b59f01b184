import { expect, test } from "vitest";
import { apiKey, basic, bearer } from "../../src/auth/index.ts";
import { Secret } from "../../src/index.ts";

const signal = new AbortController().signal;

test("a token, a user and a key become headers", async () => {
  expect(await bearer(new Secret("t0ken")).headers(signal)).toEqual({ authorization: "Bearer t0ken" });
  expect(await bearer(undefined).headers(signal)).toEqual({});
  expect(await basic("é", new Secret("X")).headers(signal)).toEqual({ authorization: "Basic w6k6WA==" });
  expect(await apiKey("X-Api-Key", new Secret("k3y")).headers(signal)).toEqual({ "x-api-key": "k3y" });
});

test("a refused token of a source is forgotten unless a newer one was sent since", async () => {
  const forgotten: string[] = [];
  const tokens = [new Secret("first"), new Secret("second")];
  const source = {
    token: () => Promise.resolve(tokens[0] ?? new Secret("none")),
    forget: (refused: Secret) => {
      forgotten.push(refused.reveal());
      tokens.shift();
    },
  };
  const authorizer = bearer(source, { account: "client-1" });
  const first = await authorizer.headers(signal);
  authorizer.forget?.(first);
  expect(await authorizer.headers(signal)).toEqual({ authorization: "Bearer second" });
  authorizer.forget?.(first);
  expect([forgotten, authorizer.renews, authorizer.account]).toEqual([["first"], true, "client-1"]);
});

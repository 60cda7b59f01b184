import { expect, test } from "vitest";
import { inEarlierFile, withEarlierValues } from "../src/planned-variable.ts";

test("a text of the earlier file has its references replaced, as that file was read", () => {
  const url = inEarlierFile({ name: "POSTGRES_URL", value: "postgres://app:${PGPASSWORD}@${DB_HOST:-db}/x" }, "the state");
  const key = inEarlierFile({ name: "STATEWAVE_API_KEY", value: "plain $ {text}" }, "Statewave");
  const env = withEarlierValues({ PGPASSWORD: "p4ss" }, [url, key]);
  expect(env["POSTGRES_URL"]).toBe("postgres://app:p4ss@db/x");
  expect([url, key].map(({ about }) => about.includes("references"))).toEqual([true, false]);
});

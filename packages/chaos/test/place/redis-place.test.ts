import { describeWithService } from "@statewave-connectors/testing/servers";
import { expect, test } from "vitest";
import { claimAtOnce, placeOn } from "./claiming.ts";

describeWithService("redis", "the place of a trial in Redis", (url) => {
  test("is taken by one of two trials that begin at the same moment, and free when it was cleared", async ({
    onTestFinished,
  }) => {
    const place = await placeOn("redis", { url });
    onTestFinished(() => place.clear());
    const refusal = "the prefix {statewave_chaos}: is not empty: it holds the key {statewave_chaos}:trial";
    expect(await claimAtOnce(place, 2)).toEqual(["claimed", refusal]);
    await place.clear();
    expect(await claimAtOnce(place, 2)).toEqual(["claimed", refusal]);
  });
});

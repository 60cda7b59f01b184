import { randomBytes } from "node:crypto";
import { describeWithService } from "@statewave-connectors/testing/servers";
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { EarlierRunner } from "./earlier-runner.ts";

const earlier = new EarlierRunner();

describeWithService("redis", "moving from Redis", (url) => {
  test("reads the hash of the earlier runner, which keeps no times, and leaves it as it is", async () => {
    const prefix = `test:earlier-${randomBytes(6).toString("hex")}:`;
    const client = new Redis(url);
    await client.hset(`${prefix}cursors`, { "zendesk/support": "MTU3", "gmail/gone": "x".repeat(2_000_000) });
    earlier.writeConfig(`kind = "redis"\nurl = "${url}"\nkey_prefix = "${prefix}"`);
    const { code, stdout } = await earlier.migrate("--since", "2026-01-01");
    expect(code).toBe(0);
    expect(stdout).toContain("its cursor (4 bytes) is not used");
    expect(stdout).toMatch(/that are not moved:\n {2}gmail\/gone\n/);
    expect(await client.keys(`${prefix}*`)).toEqual([`${prefix}cursors`]);
    await client.hset(`${prefix}cursors`, { "no source": "x" });
    expect((await earlier.migrate()).stdout).toMatch(/that are not moved:\n {2}gmail\/gone\n {2}"no source"\n/);
    await client.hdel(`${prefix}cursors`, "zendesk/support", "gmail/gone");
    expect(await earlier.migrate()).toMatchObject({ stderr: expect.stringContaining('"no source" names no source') });
    await client.del(`${prefix}cursors`);
    client.disconnect();
    earlier.writeConfig('kind = "redis"\nurl = "redis://:hidden-pw@127.0.0.1:1"');
    expect(await earlier.migrate()).toMatchObject({ code: 4, stderr: expect.stringContaining("STORE_UNAVAILABLE") });
  });
});

import { type AddressInfo, createServer } from "node:net";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, onTestFinished, test } from "vitest";
import { checkAccess } from "../../../src/sinks/statewave/check-access.ts";
import { StatewaveServer } from "../../../src/sinks/statewave/statewave-server.ts";

test.each([true, false])(
  "what listens at the address and speaks no HTTP is named by its port (keepAlive: %s)",
  async (keepAlive) => {
    const clock = new FakeClock();
    const server = createServer((socket) => socket.on("error", () => undefined).end("SSH-2.0-OpenSSH_9.9\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const statewave = new StatewaveServer({ url, clock, keepAlive, tenantHeader: "X-Tenant-ID", userAgent: "test" });
    onTestFinished(() => statewave.close());
    expect(await checkAccess(statewave, clock, new AbortController().signal)).toMatchObject({
      type: "unreachable",
      hint: expect.stringContaining("names Statewave's port"),
    });
  },
);

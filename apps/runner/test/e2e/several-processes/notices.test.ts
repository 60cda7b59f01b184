import { describe, expect, it } from "vitest";
import { arrived, failing, json, remembered, startNoticeReceiver } from "../notice-receiver.ts";
import { makeWorld } from "../world.ts";
import { configName, configText } from "../workspace.ts";
import { Fleet } from "./fleet.ts";
import { sharedStores, startStore } from "./shared-store.ts";

describe.concurrent.each(sharedStores)("notices on $kind", (store) => {
  it("are sent by one of two processes, and none is repeated when both are killed", async (test) => {
    const { url } = await startStore(test, store);
    const receiver = await startNoticeReceiver(test);
    const world = await makeWorld(test);
    const { workspace, statewave } = world;
    const entries = `[runner.notices]\nsettle = "2s"\n${receiver.entry("ops", json('"sink_down"'))}`;
    const config = configText({ statewaveUrl: statewave.url, state: store.kind, entries });
    await workspace.write(configName, config.replace(`kind = "${store.kind}"`, `kind = "${store.kind}"\nurl = "${url}"`));
    await world.writeDocuments(1);
    statewave.setFaults(failing);
    const fleet = new Fleet(test, { workspace, size: 2 });
    await fleet.start();
    await remembered(receiver, "began sink_down", workspace);
    await Promise.all(fleet.members.map((member) => member.kill()));
    statewave.setFaults([]);
    // The signs of life of the killed processes count for a minute.
    await arrived(receiver, "over sink_down", 240_000);
    await fleet.stop();
    expect(receiver.reports).toEqual(["began sink_down", "over sink_down"]);
  });
});

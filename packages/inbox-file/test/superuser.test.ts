import { chownSync, mkdirSync, readdirSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { defaultInboxLimits } from "@statewave-connectors/connector-sdk/inbox";
import { expect, test } from "vitest";
import { openInbox } from "../src/index.ts";
import { contextOf, eventOf, temporaryFolder } from "./temporary-folder.ts";

const other = 65_534;

test.runIf(process.geteuid?.() === 0)(
  "an inbox that the superuser opens or restores belongs to the user of the state",
  async () => {
    const folder = temporaryFolder();
    const [stateDir, copy] = [join(folder, "state"), join(folder, "copy")];
    mkdirSync(copy);
    chownSync(folder, other, other);
    const owners = () => readdirSync(stateDir).map((name) => `${name} ${lstatSync(join(stateDir, name)).uid}`);
    const inbox = await openInbox({}, defaultInboxLimits, contextOf(stateDir));
    await inbox.accept(eventOf("hello"));
    expect(owners()).toEqual([`inbox.sqlite ${other}`, `inbox.sqlite-wal ${other}`]);
    await inbox.backup!(copy);
    await inbox.close();
    await openInbox.restore!({}, contextOf(stateDir), copy);
    expect(owners()).toEqual([`inbox.sqlite ${other}`]);
  },
);

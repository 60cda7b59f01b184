/**
 * The first sync of a mailbox through the built program, against imapflow alone:
 * node --conditions=@statewave-connectors/source bench/imap.ts [messages] [folders] [pairs]
 *
 * A real Dovecot, file state, and a sink that answers as Statewave does and checks nothing; each is a process, and they share the machine.
 * imapflow fetches the same data items of the same mails and makes nothing of them: once as the connector does, with one FETCH a page, and
 * once with one FETCH a folder, which holds no bounded page. Prints both ratios of speed, and how much processor time and memory the first
 * sync needed over the idle process, for a tenth of the mails and for all of them.
 * Fails when a mail is missing, and when the speed against one FETCH a page or the memory of all of them is beyond its bound.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { dovecotPassword, type DovecotServer, startDovecot } from "@statewave-connectors/testing/servers";
import { describeMachine } from "./lib/machine.ts";
import { median } from "./lib/pairs.ts";
import { startEchoingSink, startRunner } from "./lib/runner-process.ts";
import { watchMemory } from "./lib/watch-memory.ts";
import { fillMailbox, folderNames } from "./lib/fill-mailbox.ts";

const messages = Number(process.argv[2] ?? 100_000);
const folders = Number(process.argv[3] ?? 5);
const pairs = Number(process.argv[4] ?? 1);

/** Of the speed of imapflow alone. */
const leastRatio = 0.6;
const mostOverMebibytes = 80;

/** What imapflow alone took. */
interface BareReading {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly mails: number;
}

/** As many mails as a page of the connector has. */
const pageSize = 100;
const ways = { page: pageSize, folder: 0 } as const;

/** How long imapflow alone takes with one FETCH for each page or folder. */
async function bareSeconds(dovecot: DovecotServer, user: string, way: keyof typeof ways): Promise<number> {
  const args = [String(dovecot.port), user, dovecotPassword, String(ways[way]), ...folderNames(folders)];
  const child = fork(new URL("processes/bare-imap.ts", import.meta.url), args);
  const ended = once(child, "exit").then(([code]) => Promise.reject(new Error(`imapflow alone ended with ${code}`)));
  ended.catch(() => undefined);
  const [{ seconds, mails, cpuSeconds }] = (await Promise.race([once(child, "message"), ended])) as [BareReading];
  const processor = `${((cpuSeconds * 1e6) / mails).toFixed(0)} µs of processor time a mail, one FETCH a ${way}`;
  console.log(`imapflow alone  ${mails} mails in ${seconds.toFixed(1)} s (${(mails / seconds).toFixed(0)}/s), ${processor}`);
  return seconds;
}

/** How long a first sync by the program takes. */
async function sync(dovecot: DovecotServer, user: string, count: number): Promise<number> {
  const statewave = await startEchoingSink();
  const entry = `[[pull.imap]]\nname = "box"\nschedule = "0 0 1 1 *"\nhost = "127.0.0.1"\nport = ${dovecot.port}\ntls = "none"\nidle = false\nusername = "${user}"\npassword = "${dovecotPassword}"\nfolders = ${JSON.stringify(folderNames(folders))}\n`;
  const runner = await startRunner({
    quiet: true,
    toml: `[runner.state]\nkind = "file"\n\n[statewave]\nurl = "${statewave.url}"\n\n${entry}`,
  });
  const stopWatching = await watchMemory(runner);
  const idleCpuMs = await runner.cpuMs();
  const startedMs = performance.now();
  const lines = (await runner.command("sync", "imap/box", "--json")).trim().split("\n");
  const seconds = (performance.now() - startedMs) / 1_000;
  const { idleMebibytes, overMebibytes } = await stopWatching();
  const cpuMicroseconds = (((await runner.cpuMs()) - idleCpuMs) * 1_000) / count;
  const { episodes } = JSON.parse(lines.at(-1) ?? "{}") as { episodes: number };
  const processor = `${cpuMicroseconds.toFixed(0)} µs of processor time a mail`;
  console.log(
    `first sync      ${episodes} of ${count} mails in ${seconds.toFixed(1)} s (${(episodes / seconds).toFixed(0)}/s), ${processor}`,
  );
  console.log(`memory          idle ${idleMebibytes.toFixed(0)} MiB, peak +${overMebibytes.toFixed(0)} MiB with ${count} mails`);
  if (episodes !== count || overMebibytes > mostOverMebibytes) process.exitCode = 1;
  await runner.stop();
  await statewave.stop();
  return seconds;
}

console.log(describeMachine());
// Mails of one file each would measure the file system.
const dovecot = await startDovecot({ storage: "mdbox" });
try {
  for (const [user, count] of [
    ["small@example.com", Math.ceil(messages / 10)],
    ["large@example.com", messages],
  ] as const) {
    await fillMailbox(dovecot, user, { count, folders });
    const ratios = { page: [] as number[], folder: [] as number[] };
    for (let pair = 0; pair < pairs; pair += 1) {
      const byPage = await bareSeconds(dovecot, user, "page");
      const seconds = await sync(dovecot, user, count);
      ratios.page.push(byPage / seconds);
      ratios.folder.push((await bareSeconds(dovecot, user, "folder")) / seconds);
    }
    const found = `${median(ratios.page).toFixed(2)} of imapflow alone with one FETCH a page, ${median(ratios.folder).toFixed(2)} with one a folder`;
    console.log(`ratio           ${found}: ${count} mails in ${folders} folders`);
    // In a tenth of the mails the start of a run is a larger share.
    if (count === messages && !(median(ratios.page) >= leastRatio)) process.exitCode = 1;
  }
} finally {
  await dovecot.stop();
}

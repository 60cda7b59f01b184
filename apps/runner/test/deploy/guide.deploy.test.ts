import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { freePort } from "@statewave-connectors/testing/servers";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { startFakeGithub } from "../e2e/fake-github-process.ts";
import { until } from "../e2e/until.ts";
import { configName, type Ending, makeWorkspace, type Workspace } from "../e2e/workspace.ts";
import { sharedStores, startStore } from "../e2e/several-processes/shared-store.ts";
import { notIsolated, repository, skipsWithout } from "./deploy-folder.ts";
import { canIsolate, Machine } from "./machine/machine.ts";
import { blocksOf, printedAs, transcriptOf } from "./machine/transcript.ts";

const guide = "deploy.md";

/** A Statewave and a GitHub that the configuration of a guide can be pointed to. */
async function startServices(ending: Ending) {
  const statewave = await startFakeStatewave();
  ending.onTestFinished(() => statewave.close());
  const github = await startFakeGithub(ending, "--issues", "3", "--comments", "1");
  return { statewave, github };
}

describe.skipIf(skipsWithout(canIsolate ? undefined : notIsolated))("the guide, typed on a machine of its own", () => {
  it("brings up the service of a virtual machine, whose secrets it alone can read", async (ending) => {
    const { statewave, github } = await startServices(ending);
    const machine = await Machine.start(ending, repository);
    const [webhookPort, adminPort] = [await freePort(), await freePort()];
    machine.edits(pointedTo(statewave.url, github.url, webhookPort, adminPort));
    const typed = (command: string) => (command.includes("github_token") ? github.token : "key-of-statewave");
    for (const { command, output } of transcriptOf(guide, "systemd")) {
      const step = command.replaceAll("9464", String(adminPort));
      expect(await machine.run(step, { input: `${typed(step)}\n` })).toMatch(printedAs(output));
    }
    expect(statewave.episodes.length).toBeGreaterThan(0);
    const secrets = "/etc/statewave-connectors/secrets";
    expect(await machine.run(`stat -c %a ${secrets} ${secrets}/github_token`)).toBe("700\n600\n");
    const service = "sudo -u statewave-connectors";
    await expect(machine.run(`${service} cat ${secrets}/github_token`)).rejects.toThrow("Permission denied");
    expect(await machine.run(`${service} stat -c %U /var/lib/statewave-connectors/cursors.json`)).toBe("statewave-connectors\n");
    await machine.run("sudo systemctl reload statewave-connectors");
    await until("the service has read its configuration again", async () =>
      (await machine.run("cat /run/journal")).includes('"msg":"configuration reloaded"'),
    );
  });

  it("brings up the service of Compose, whose secrets its user can read and no other user reaches", async (ending) => {
    const { statewave, github } = await startServices(ending);
    const folder = mkdtempSync(join(tmpdir(), "compose-guide-"));
    ending.onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    cpSync(join(repository, "deploy"), join(folder, "deploy"), { recursive: true });
    const machine = await Machine.start(ending, folder);
    machine.edits([...pointedTo(statewave.url, github.url, await freePort(), await freePort()), "s|every 15m|every 1s|"]);
    await machine.run("sudoedit deploy/compose/file.toml");
    const env = { STATEWAVE_API_KEY: "key-of-statewave", GITHUB_TOKEN: github.token };
    for (const { command, output } of transcriptOf(guide, "Compose"))
      expect(await machine.run(command, { env })).toMatch(printedAs(output));
    expect(machine.dockerCalls()).toBe("compose --file deploy/compose.yaml --profile file up --detach\n");

    const { services, secrets } = parse(readFileSync(join(folder, "deploy/compose.yaml"), "utf8"), {
      merge: true,
    }) as ComposeFile;
    const paths = Object.values(secrets).map(({ file }) => join(folder, "deploy", file));
    expect(paths.map((path) => statSync(path).mode & 0o777)).toEqual(paths.map(() => 0o644));
    expect(statSync(join(folder, "deploy/compose/secrets")).mode & 0o777).toBe(0o700);
    const service = services["runner-file"]!;
    await machine.run(
      ["set -e", ...placedByCompose(service, secrets), machine.inBackground("65532", "0", imageCommand)].join("\n"),
    );
    await until("an episode is stored", () => statewave.episodes.length > 0);
    expect(await machine.run("stat -c '%u %g' /var/lib/statewave-connectors/cursors.json")).toBe("65532 0\n");
  });
});

interface ComposeService {
  readonly volumes: readonly string[];
  readonly secrets: readonly string[];
}

interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const imageCommand = "run --config /etc/statewave-connectors/statewave-connectors.toml";

/** What Compose puts into the container: mounted files, secrets, and the volume with the owner that the image gives it. */
function placedByCompose({ volumes, secrets: names }: ComposeService, secrets: ComposeFile["secrets"]): readonly string[] {
  const mounts = volumes.flatMap((volume) => {
    const [source = "", target = ""] = volume.split(":");
    return source.startsWith("./") ? [mounted(`deploy/${source}`, target)] : [`install -d -o 65532 -g 0 -m 0770 ${target}`];
  });
  return [...mounts, ...names.map((name) => mounted(`deploy/${secrets[name]?.file}`, `/run/secrets/${name}`))];
}

function mounted(source: string, target: string): string {
  return `mkdir -p "$(dirname ${target})" && touch ${target} && mount --bind ${source} ${target}`;
}

/** The edits that a person makes: other addresses, and free ports, because this machine has others on the usual ones. */
function pointedTo(statewaveUrl: string, githubUrl: string, webhookPort: number, adminPort: number): readonly string[] {
  return [
    `s|^url = "https.*|url = "${statewaveUrl}"|`,
    `s|^hide_mounts.*|&\\nport = ${webhookPort}|`,
    `s|9464|${adminPort}|`,
    `s|^repo = .*|&\\nbase_url = "${githubUrl}"|`,
  ];
}

describe("the values for high availability in the guide", () => {
  it("run two processes on one Postgres, which are ready and store each item once", async (ending) => {
    const store = sharedStores.find(({ kind }) => kind === "postgres")!;
    const [{ statewave, github }, postgres] = [await startServices(ending), await startStore(ending, store)];
    const { config } = parse(blocksOf(guide, "Kubernetes", "yaml")[0] ?? "") as { readonly config: string };
    const secrets: Readonly<Record<string, string>> = {
      database_url: postgres.url,
      admin_token: "admin-token-of-this-test-0123456789",
      github_token: github.token,
    };
    const start = async (name: string) => {
      const workspace = makeWorkspace(ending);
      await writeConfiguration(workspace, { config, secrets, statewaveUrl: statewave.url, githubUrl: github.url, name });
      return workspace.run();
    };
    const runners = [await start("one"), await start("two")];
    await until("every issue is stored", () => statewave.episodes.length >= 3);
    for (const runner of runners)
      expect(await (await fetch(`${await runner.listening()}/readyz`)).json()).toEqual({ status: "ready" });
    const stored = statewave.episodes.map(({ idempotency_key: key }) => key);
    expect(new Set(stored).size).toBe(stored.length);
    for (const runner of runners) expect((await runner.terminate()).code).toBe(0);
  });
});

interface Pod {
  readonly config: string;
  readonly secrets: Readonly<Record<string, string>>;
  readonly statewaveUrl: string;
  readonly githubUrl: string;
  readonly name: string;
}

/** The configuration as a pod has it, with free ports, and files of this test in the place of mounted ones. */
async function writeConfiguration(workspace: Workspace, { config, secrets, statewaveUrl, githubUrl }: Pod): Promise<void> {
  for (const [name, value] of Object.entries(secrets)) writeFileSync(workspace.path(name), `${value}\n`, { mode: 0o600 });
  const text = config
    .replaceAll("/run/secrets/statewave-connectors/", `${workspace.folder}/`)
    .replace("http://statewave:8100", statewaveUrl)
    .replace("0.0.0.0:9464", "127.0.0.1:0")
    .replace("every 15m", "every 1s")
    .replace("/var/lib/statewave-connectors", workspace.path("state"))
    .replace("[runner]\n", '[runner]\nhost = "127.0.0.1"\nport = 0\n')
    .replace('repo = "acme/widgets"\n', `repo = "acme/widgets"\nbase_url = "${githubUrl}"\n`);
  await workspace.write(configName, text);
}

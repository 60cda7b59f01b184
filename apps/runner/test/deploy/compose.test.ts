import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { defaultDrainSeconds, deployFolder, readDeployed, repository } from "./deploy-folder.ts";
import { loadDeployed } from "./load-deployed.ts";

interface Service {
  readonly profiles: readonly string[];
  readonly volumes: readonly string[];
  readonly secrets?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly read_only?: boolean;
  readonly networks?: Readonly<Record<string, { readonly aliases: readonly string[] }>>;
  readonly ports?: readonly string[];
  readonly stop_grace_period?: string;
  readonly depends_on?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly authorization: { readonly credentials_file: string };
  readonly static_configs: readonly { readonly targets: readonly string[] }[];
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const { services, secrets } = parse(readDeployed("compose.yaml"), { merge: true }) as Compose;
const state = "/var/lib/statewave-connectors";
const configFile = "/etc/statewave-connectors/statewave-connectors.toml";

/** A service of this file; an unknown name is a fault of the test. */
function serviceOf(name: string): Service {
  const service = services[name];
  if (service === undefined) throw new Error(`deploy/compose.yaml has no service ${name}`);
  return service;
}

describe.each(["file", "postgres", "redis"])("the profile %s", (kind) => {
  const service = serviceOf(`runner-${kind}`);

  test("mounts a valid configuration with that state, whose secrets the service gets", async (context) => {
    const mounted = service.volumes.find((volume) => volume.includes(configFile));
    expect(mounted).toBe(`./compose/${kind}.toml:${configFile}:ro`);
    const { config, secretFiles } = await loadDeployed(`compose/${kind}.toml`, {}, context);
    expect(config.runner.state.kind).toBe(kind);
    expect(service.secrets?.map((name) => `/run/secrets/${name}`).toSorted()).toEqual(secretFiles.toSorted());
    expect(service.secrets?.filter((name) => secrets[name] === undefined)).toEqual([]);
  });

  test("is scraped by the shipped job: its name, its port, its token, and a host that it admits", async (context) => {
    const { scrape_configs: jobs } = parse(readDeployed("prometheus/prometheus.yml")) as { scrape_configs: readonly Job[] };
    const [target = ""] = jobs[0]?.static_configs[0]?.targets ?? [];
    const [host = "", port] = target.split(":");
    expect(service.networks?.["default"]?.aliases).toContain(host);
    const { config } = await loadDeployed(`compose/${kind}.toml`, {}, context);
    expect(config.runner.admin).toMatchObject({ listen: { host: "0.0.0.0", port: Number(port) }, allowedHosts: [host] });
    const token = jobs[0]?.authorization.credentials_file ?? "";
    expect(serviceOf("prometheus").secrets?.map((name) => `/run/secrets/${name}`)).toEqual([token]);
    expect(readDeployed(`compose/${kind}.toml`)).toContain(`\ntoken = "\${file:${token}}"\n`);
    expect(readFileSync(join(repository, "docs/guides/deploy.md"), "utf8")).toContain("`--profile prometheus`");
  });

  test("starts nothing of another profile", () => {
    expect(service.profiles).toEqual([kind]);
    for (const name of Object.keys(service.depends_on ?? {})) expect(serviceOf(name).profiles).toEqual([kind]);
  });

  test("can write its state on a read-only root, publishes the webhook port alone, and gets time to drain", async (context) => {
    const { config } = await loadDeployed(`compose/${kind}.toml`, {}, context);
    expect(config.runner.stateDir).toBe(state);
    const writable = [...service.volumes.filter((volume) => !volume.endsWith(":ro")), ...(service.tmpfs ?? [])];
    expect(writable.filter((place) => place.includes(state))).toHaveLength(1);
    expect(service.read_only).toBe(true);
    expect(service.ports).toEqual([`127.0.0.1:${config.runner.port}:${config.runner.port}`]);
    expect(Number.parseInt(service.stop_grace_period ?? "", 10)).toBeGreaterThan(defaultDrainSeconds() + 5);
  });
});

test("every file that is mounted exists, but for the secrets, which git ignores", () => {
  const mounted = Object.values(services).flatMap(({ volumes }) => volumes.filter((volume) => volume.startsWith("./")));
  expect(mounted.length).toBeGreaterThanOrEqual(3);
  const missing = mounted.filter((volume) => !existsSync(join(deployFolder, volume.split(":")[0] ?? "")));
  expect(missing).toEqual([]);
  expect(new Set(Object.values(secrets).map(({ file }) => dirname(normalize(file))))).toEqual(new Set(["compose/secrets"]));
  expect(readFileSync(join(deployFolder, "compose/secrets/.gitignore"), "utf8")).toBe("*\n!.gitignore\n");
});

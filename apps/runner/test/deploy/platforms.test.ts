import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "smol-toml";
import { defaultDrainSeconds, deployFolder, readDeployed, repository } from "./deploy-folder.ts";
import { loadDeployed } from "./load-deployed.ts";
import { blocksOf } from "./machine/transcript.ts";

const env = { STATEWAVE_API_KEY: "key-of-statewave", GITHUB_TOKEN: "token-of-github" };

interface FlyFile {
  readonly build: { readonly dockerfile: string };
  readonly kill_signal: string;
  readonly kill_timeout: number;
  readonly files: readonly { readonly guest_path: string; readonly local_path: string }[];
  readonly mounts: readonly { readonly destination: string }[];
  readonly http_service: {
    readonly internal_port: number;
    readonly auto_stop_machines: string;
    readonly checks: readonly { readonly path: string }[];
  };
}

test("the configuration of the platforms takes the port that they choose, or 3000", async (context) => {
  expect((await loadDeployed("platform.toml", env, context)).config.runner.port).toBe(3_000);
  expect((await loadDeployed("platform.toml", { ...env, PORT: "8080" }, context)).config.runner.port).toBe(8_080);
});

test("fly.toml serves the port, mounts the state, stops no machine that pulls, and lets it drain", async (context) => {
  const fly = parse(readDeployed("fly.toml")) as unknown as FlyFile;
  const { config } = await loadDeployed("platform.toml", env, context);
  expect(fly.http_service).toMatchObject({ internal_port: config.runner.port, auto_stop_machines: "off" });
  expect(fly.http_service.checks.map(({ path }) => path)).toEqual(["/readyz"]);
  expect(fly.mounts.map(({ destination }) => destination)).toEqual([config.runner.stateDir]);
  expect(fly.kill_signal).toBe("SIGTERM");
  // Fly.io's own limit is 300 s.
  expect(fly.kill_timeout).toBeGreaterThan(defaultDrainSeconds() + 5);
  expect(fly.kill_timeout).toBeLessThanOrEqual(300);
  expect(existsSync(join(deployFolder, fly.build.dockerfile))).toBe(true);
  const [file] = fly.files;
  expect(existsSync(join(repository, file?.local_path ?? ""))).toBe(true);
  expect(readDeployed("docker/Dockerfile")).toContain(`"${file?.guest_path}"`);
});

test("the admin address that the guide names for Fly.io is reached on the private network, by address and by name", async (context) => {
  const [table = ""] = blocksOf("deploy.md", "Fly.io", "toml");
  const edit = (text: string) => text.replace(/^\[runner\.admin\]\n(?:.+\n)+/m, table);
  const token = "admin-token-of-this-test-0123456789";
  const { config } = await loadDeployed("platform.toml", { ...env, ADMIN_TOKEN: token }, context, { edit });
  expect(config.runner.admin?.listen).toEqual({ host: "::", port: 9_464 });
  expect(config.runner.admin?.token).toBeDefined();
  const [app] = /fly apps create (?<app>\S+)/.exec(readDeployed("fly.toml"))?.slice(1) ?? [];
  expect(config.runner.admin?.allowedHosts).toEqual([`${app}.internal`]);
});

test("railway.json waits for readiness, never overlaps two processes, and lets the old one drain", () => {
  const { build, deploy } = JSON.parse(readDeployed("railway.json")) as Record<"build" | "deploy", Record<string, unknown>>;
  expect(deploy).toMatchObject({ healthcheckPath: "/readyz", overlapSeconds: 0, restartPolicyType: "ALWAYS" });
  // Railway's parser takes numbers, although its page shows texts.
  expect(deploy["drainingSeconds"]).toBeGreaterThan(defaultDrainSeconds() + 5);
  const dockerfile = readDeployed(String(build["dockerfilePath"]).replace(/^deploy\//, ""));
  const [, source = "", target] = /^COPY (\S+) (\S+)$/m.exec(dockerfile) ?? [];
  expect(existsSync(join(repository, source))).toBe(true);
  expect(readDeployed("docker/Dockerfile")).toContain(`"${target}"`);
});

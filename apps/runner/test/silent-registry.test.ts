import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, type TestContext, test, vi } from "vitest";

/** Each test's own, because tests run side by side. */
type Ending = Pick<TestContext, "onTestFinished">;

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const { version } = JSON.parse(readFileSync(join(repository, "scripts/pnpm/hashes.json"), "utf8")) as { version: string };
const pnpmFolder = `node_modules/.cache/pnpm-${version}`;

const lockfile = `lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      nowhere:
        specifier: 1.0.0
        version: 1.0.0
packages:
  nowhere@1.0.0:
    resolution: {integrity: sha512-AAAAe8uFDA/xmLAlNAPTKRrJrhBRpJRRR8OK+wqPm4zYpzNgpxp0rOIhFZxLmFIZf5AgXQZLOuCVAnoSNlHfYQ==}
snapshots:
  nowhere@1.0.0: {}
`;

interface Checkout {
  readonly registryPort: number;
  /** Without it, the tools download pnpm first. */
  readonly hasPnpm: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** A fresh checkout whose npm configuration names a registry with a password. */
function checkout({ onTestFinished }: Ending, { registryPort, hasPnpm, dependencies = { nowhere: "1.0.0" } }: Checkout): string {
  const root = mkdtempSync(join(tmpdir(), "silent-registry-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const name of ["with-toolchain.mjs", "run-child.mjs", "pnpm"])
    cpSync(join(repository, "scripts", name), join(root, "scripts", name), { recursive: true });
  writeFileSync(join(root, ".npmrc"), `registry=http://ada:s3cret@127.0.0.1:${registryPort}/\n`);
  writeFileSync(join(root, "package.json"), JSON.stringify({ name: "checkout", private: true, dependencies }));
  writeFileSync(join(root, "pnpm-workspace.yaml"), "packages: []\n");
  writeFileSync(
    join(root, "pnpm-lock.yaml"),
    "nowhere" in dependencies ? lockfile : "lockfileVersion: '9.0'\nimporters:\n  .: {}\n",
  );
  if (hasPnpm) {
    mkdirSync(join(root, "node_modules/.cache"), { recursive: true });
    symlinkSync(join(repository, pnpmFolder), join(root, pnpmFolder));
  }
  return root;
}

function install({ onTestFinished }: Ending, root: string) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^p?npm_config_/i.test(name));
  const retries = { npm_config_fetch_retries: "0", pnpm_config_fetch_retries: "0" };
  const child = spawn(process.execPath, [join(root, "scripts/with-toolchain.mjs"), "true"], {
    cwd: root,
    env: { ...Object.fromEntries(inherited), ...retries },
    stdio: ["ignore", "inherit", "pipe"],
  });
  const run = { child, stderr: "", ended: once(child, "close") };
  child.stderr.setEncoding("utf8").on("data", (text: string) => (run.stderr += text));
  onTestFinished(() => void child.kill("SIGKILL"));
  return run;
}

/** Takes connections, and never answers. */
async function silentRegistry({ onTestFinished }: Ending) {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("close", () => open.delete(socket));
    // A client of another test may still look for a server that had this port before.
    socket.on("data", (sent) => /^authorization: basic/im.test(sent.toString()) && open.add(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, open };
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

const stages = [
  { title: "that downloads pnpm", hasPnpm: false },
  { title: "that downloads the packages", hasPnpm: true },
];

describe.skipIf(!existsSync(join(repository, pnpmFolder)))("an install", () => {
  test.concurrent.for(stages)("$title says which registry it waits for, and since when", async ({ hasPnpm }, ending) => {
    const { port } = await silentRegistry(ending);
    const run = install(ending, checkout(ending, { registryPort: port, hasPnpm }));
    await vi.waitFor(() => expect(run.stderr).toContain("Still installing"));

    expect(run.stderr.split("\n").slice(1)).toEqual([
      expect.stringMatching(
        new RegExp(
          `^Still installing\\. No output since \\d\\d:\\d\\d:\\d\\d; it may be waiting for the registry 127\\.0\\.0\\.1:${port} \\.\\.\\.$`,
        ),
      ),
      "",
    ]);
  });

  test.concurrent.for(
    stages.flatMap((stage) => (["SIGINT", "SIGTERM", "SIGHUP"] as const).map((signal) => ({ ...stage, signal }))),
  )("$title ends at once on $signal, and leaves no process that waits", async ({ hasPnpm, signal }, ending) => {
    const { port, open } = await silentRegistry(ending);
    const run = install(ending, checkout(ending, { registryPort: port, hasPnpm }));
    await vi.waitFor(() => expect(open.size).toBeGreaterThan(0));
    run.child.kill(signal);

    expect(await run.ended).toEqual([null, signal]);
    await vi.waitFor(() => expect(open.size).toBe(0));
    expect(run.stderr.split("\n")).toEqual([expect.stringContaining("Installing dependencies"), ""]);
  });

  test.concurrent.for([
    { hasPnpm: false, title: "that downloads pnpm", said: /could not download pnpm from the registry (\S+): .*ECONNREFUSED/ },
    {
      hasPnpm: true,
      title: "that downloads the packages",
      said: /could not be installed from the registry (\S+):[^]*Connection refused/i,
    },
  ])("$title from a registry that is down says which one and why, without its password", async ({ hasPnpm, said }, ending) => {
    const registryPort = await closedPort();
    const run = install(ending, checkout(ending, { registryPort, hasPnpm }));

    expect(await run.ended).toEqual([1, null]);
    expect(said.exec(run.stderr)?.[1]).toBe(`127.0.0.1:${registryPort}`);
    expect(run.stderr).not.toContain("s3cret");
  });

  test("that has nothing to download says no word about the registry", async (ending) => {
    const run = install(ending, checkout(ending, { registryPort: await closedPort(), hasPnpm: true, dependencies: {} }));

    expect(await run.ended).toEqual([0, null]);
    expect(run.stderr).not.toContain("registry");
  });
});

import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, matchesGlob } from "node:path";
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest";
import { until, within } from "../e2e/until.ts";
import { configText, makeWorkspace } from "../e2e/workspace.ts";
import { childOf } from "../e2e/child-of.ts";
import { blocksOf } from "./machine/transcript.ts";
import { notIsolated, readDeployed, repository, skipsWithout } from "./deploy-folder.ts";

const dockerfile = readDeployed("docker/Dockerfile").replaceAll(/\\\n\s*/g, "");
const stages = dockerfile.split(/^FROM /m).slice(1);

/** The arguments of an instruction in a stage, in order. */
function instructions(stage: string | undefined, name: string): readonly string[] {
  return [...(stage ?? "").matchAll(/^(?<name>[A-Z]+) (?<rest>.*)$/gm)].flatMap(({ groups }) =>
    groups?.["name"] === name ? [groups["rest"] ?? ""] : [],
  );
}

const [build, image] = stages;
const entrypoint = JSON.parse(instructions(image, "ENTRYPOINT")[0] ?? "") as string[];
const command = JSON.parse(instructions(image, "CMD")[0] ?? "") as string[];
const healthcheck = JSON.parse(/CMD (\[.*\])$/.exec(instructions(image, "HEALTHCHECK")[0] ?? "")?.[1] ?? "") as string[];
const state = instructions(image, "VOLUME")[0] ?? "";

/** What Docker would send to the builder: the last pattern that matches a file, or a folder above it, decides. */
function isSent(path: string, patterns: readonly string[]): boolean {
  const withParents = path.split("/").map((_, at, parts) => parts.slice(0, at + 1).join("/"));
  const deciding = patterns.findLast((pattern) => withParents.some((each) => matchesGlob(each, pattern.replace(/^!/, ""))));
  return deciding === undefined || deciding.startsWith("!");
}

/** Builds the first stage: the files that Docker would send, and its commands, with `/app` in the folder. */
function buildApp(folder: string): string {
  const patterns = readDeployed("docker/Dockerfile.dockerignore").trim().split("\n");
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: repository, encoding: "utf8" });
  const source = join(folder, "src");
  for (const path of listed.trim().split("\n")) {
    if (!isSent(path, patterns)) continue;
    mkdirSync(dirname(join(source, path)), { recursive: true });
    cpSync(join(repository, path), join(source, path));
  }
  const app = join(folder, "app");
  for (const run of instructions(build, "RUN"))
    execFileSync("sh", ["-c", run.replaceAll(/ \/app\b/g, ` ${app}`)], { cwd: source, stdio: ["ignore", "ignore", "inherit"] });
  return app;
}

/** Only root can make a root of its own, and only some machines allow it. */
const canIsolate =
  process.getuid?.() === 0 &&
  spawnSync("unshare", ["--mount", "--pid", "--fork", "sh", "-c", "mount --bind /usr /usr"], { stdio: "ignore" }).status === 0;

const skips = skipsWithout(canIsolate ? undefined : notIsolated);

describe.skipIf(skips)("the image, without Docker: its files on a read-only root", () => {
  const folder = mkdtempSync(join(tmpdir(), "image-"));
  let app = "";
  beforeAll(() => void (app = buildApp(folder)));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** A root with the system's libraries, Node.js and the app, all read-only but for the state. */
  function makeRoot(config: string, { onTestFinished }: Pick<TestContext, "onTestFinished">): string {
    const root = mkdtempSync(join(tmpdir(), "image-root-"));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    chmodSync(root, 0o755);
    for (const name of ["usr", "app", "dev", "proc", "etc/statewave-connectors", "local/bin", state])
      mkdirSync(join(root, name), { recursive: true });
    for (const name of readdirSync("/").filter((entry) => /^(bin|lib\w*)$/.test(entry)))
      symlinkSync(`usr/${name}`, join(root, name));
    cpSync(process.execPath, join(root, "local/bin/node"));
    const [link = "", install = ""] = (instructions(image, "RUN")[0] ?? "").split("&&").map((step) => step.trim());
    const inRoot = (step: string) =>
      step.replaceAll(/ (\/(?:usr\/local|var)\/\S+)/g, (_, path: string) => ` ${root}${path.replace("/usr/local", "/local")}`);
    for (const step of [link, install]) execFileSync("sh", ["-c", inRoot(step)]);
    writeFileSync(join(root, "etc/statewave-connectors/statewave-connectors.toml"), config);
    return root;
  }

  /** Starts a command in the root as Docker starts it with `--user <uid> --read-only`: process 1, group 0, no rights. */
  function container(root: string, uid: number): readonly string[] {
    const mounts = [
      "mount --make-rprivate /",
      `mount --bind ${root} ${root}`,
      `mount --bind -o ro /usr ${root}/usr`,
      `mount --bind ${root}/local ${root}/usr/local`,
      `mount --bind ${app} ${root}/app`,
      `mount --bind ${root}${state} ${root}${state}`,
      `mount --rbind /dev ${root}/dev`,
      `mount -t proc proc ${root}/proc`,
      ...["usr/local", "app", ""].map((name) => `mount -o remount,bind,ro ${root}/${name}`),
    ];
    const user = `setpriv --reuid ${uid} --regid 0 --clear-groups --pdeathsig KILL --no-new-privs --bounding-set=-all --inh-caps=-all`;
    const environment = "env -i PATH=/usr/local/bin:/usr/bin:/bin";
    const script = `${mounts.join(" && ")} && cd / && exec chroot ${root} ${user} ${environment} "$@"`;
    return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", script, "sh"];
  }

  const config = configText({ statewaveUrl: `file:${state}/episodes.jsonl` })
    .replace("./state", state)
    .replace("./docs", `${state}/docs`);

  it.for([65_532, 54_321])("runs as the user %i, drains as process 1 on SIGTERM, and ends with 0", async (uid, test) => {
    const root = makeRoot(config, test);
    mkdirSync(join(root, state, "docs"));
    writeFileSync(join(root, state, "docs/note.md"), "# Note\n");
    const workspace = makeWorkspace(test);
    const outside = workspace.start({ command: [...container(root, uid), ...entrypoint, ...command] });
    await outside.listening();
    const written = () => readdirSync(join(root, state));
    await until("the first run is stored", () => written().includes("cursors.json"));
    expect(written()).toEqual(expect.arrayContaining(["episodes.jsonl", "inbox.sqlite", "runner.sock"]));
    const inside = (args: readonly string[]) => {
      const target = [`--target=${childOf(outside.pid)}`, "--mount", "--pid", "--root", "--wd"];
      const user = [`--setuid=${uid}`, "--setgid=0"];
      return workspace.start({ command: ["nsenter", ...target, ...user, "/usr/local/bin/node", "/app/dist/main.js", ...args] });
    };
    const list = inside(["state", "list", ...command.slice(1)]);
    expect({ ...(await list.exited), stderr: list.stderr }).toMatchObject({ code: 0, stderr: "" });
    expect(list.stdout).toContain("markdown/docs");
    // The configuration of this test has a port of its own; an image has 3000.
    const { port } = new URL(await outside.listening());
    expect(healthcheck.slice(0, 1)).toEqual(entrypoint);
    const checked = inside([...healthcheck.slice(1), `--port=${port}`]);
    expect({ ...(await checked.exited), stderr: checked.stderr }).toMatchObject({ code: 0, stderr: "" });
    process.kill(childOf(outside.pid), "SIGTERM");
    expect(await within("the end of the container", outside.exited)).toMatchObject({ code: 0, signal: null });
    expect(await outside.logged("stopped")).toMatchObject({ drained: true });
  });

  it("finds a package that another image adds as the guide says", async (test) => {
    const [further = ""] = blocksOf("deploy.md", "Docker", "dockerfile");
    const [, prefix = "", name = ""] = /^RUN npm install --prefix (\S+) (\S+)$/m.exec(further) ?? [];
    expect(instructions(further, "USER").at(-1)).toBe(instructions(image, "USER")[0]);
    const root = makeRoot(config, test);
    const installed = join(root, prefix, "node_modules", name);
    mkdirSync(dirname(installed), { recursive: true });
    const toolchain = `${process.execPath} scripts/with-toolchain.mjs`;
    const install = `${toolchain} turbo run build --filter=${name} && ${toolchain} pnpm --filter=${name} --prod --legacy deploy ${installed}`;
    execFileSync("sh", ["-c", install], { cwd: join(folder, "src"), stdio: ["ignore", "ignore", "inherit"] });
    const env = ["env", "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1", "OTEL_BLRP_SCHEDULE_DELAY=50"];
    const workspace = makeWorkspace(test);
    const outside = workspace.start({ command: [...container(root, 54_321), ...env, ...entrypoint, ...command] });
    await outside.logged("OpenTelemetry could not send what it has");
  });

  it("cannot write anywhere but in the state", async (test) => {
    const root = makeRoot(config, test);
    const writes = (path: string) => {
      const [program, ...args] = [...container(root, 54_321), "sh", "-c", `: > ${path}/x`];
      return spawnSync(program, args, { stdio: "ignore" }).status === 0;
    };
    expect(["", "/app", "/etc", "/usr/local", state].filter(writes)).toEqual([state]);
  });
});

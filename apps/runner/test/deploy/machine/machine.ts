import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Ending } from "../../e2e/workspace.ts";
import { childOf } from "../../e2e/child-of.ts";
import { repository } from "../deploy-folder.ts";

const programs = fileURLToPath(new URL("programs/", import.meta.url));
const mainProgram = join(repository, "apps/runner/dist/main.js");
/** What is written there is seen in the machine alone, and gone with it. */
const ownFolders = ["etc", "opt", "var", "run"];

/** Only root can have views of the file system, and only some machines allow it. */
export const canIsolate =
  process.getuid?.() === 0 &&
  spawnSync("unshare", ["--mount", "--pid", "--fork", "sh", "-c", "mount -t tmpfs tmpfs /mnt"], { stdio: "ignore" }).status === 0;

export interface CommandOptions {
  /** What is typed into it. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * A machine for one test, as far as this one can be: its own /etc, /opt, /var and /run, its own processes, and stand-ins for the programs
 * that need a booted systemd, a registry or Docker. Everything ends with it.
 */
export class Machine {
  readonly #holder: ChildProcess;
  readonly #folder: string;
  readonly #cwd: string;

  private constructor(holder: ChildProcess, folder: string, cwd: string) {
    this.#holder = holder;
    this.#folder = folder;
    this.#cwd = cwd;
  }

  /** `cwd`: where commands are typed. */
  static async start({ onTestFinished }: Ending, cwd: string): Promise<Machine> {
    const folder = mkdtempSync(join(tmpdir(), "machine-"));
    chmodSync(folder, 0o755);
    mkdirSync(join(folder, "bin"));
    for (const name of readdirSync(programs)) {
      cpSync(join(programs, name), join(folder, "bin", name));
      chmodSync(join(folder, "bin", name), 0o755);
    }
    writeFileSync(join(folder, "settings"), `NODE='${process.execPath}'\nMAIN='${mainProgram}'\n`);
    const mounts = ownFolders.map(
      (name) => `mount -t overlay -o lowerdir=/${name},upperdir=${name}/up,workdir=${name}/work overlay /${name}`,
    );
    const layers = `mount -t tmpfs -o mode=0755 tmpfs layers && cd layers && mkdir -p ${ownFolders.map((name) => `${name}/up ${name}/work`).join(" ")}`;
    const script = `mkdir layers && ${layers} && ${mounts.join(" && ")} && echo up && exec sleep infinity`;
    const args = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private", "sh", "-ec", script];
    const holder = spawn("unshare", args, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(async () => {
      const ended = once(holder, "exit");
      holder.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    });
    await once(holder.stdout, "data");
    return new Machine(holder, folder, cwd);
  }

  /** What `sudoedit` does to a file: a line of sed each. */
  edits(lines: readonly string[]): void {
    writeFileSync(join(this.#folder, "edits"), `${lines.join("\n")}\n`);
  }

  /** The command that starts the program as this user, without rights, and leaves it running. */
  inBackground(uid: string, gid: string, args: string): string {
    const user = `setpriv --reuid=${uid} --regid=${gid} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all`;
    return `env -i PATH=/usr/bin:/bin setsid ${user} ${process.execPath} ${mainProgram} ${args} > /run/journal 2>&1 &`;
  }

  /** What `docker` was called with, a line each. */
  dockerCalls(): string {
    return readFileSync(join(this.#folder, "docker-calls"), "utf8");
  }

  /** Types a command; answers what it printed. Throws when it fails. */
  async run(command: string, { input = "", env = {} }: CommandOptions = {}): Promise<string> {
    const inside = ["--target", String(childOf(this.#holder.pid ?? 0)), "--mount", "--pid"];
    const path = `${join(this.#folder, "bin")}:${process.env["PATH"]}`;
    const script = `cd ${this.#cwd} && ${command}`;
    const child = spawn("nsenter", [...inside, "sh", "-c", script], {
      env: { ...process.env, PATH: path, MACHINE: this.#folder, ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    // Most commands read nothing, and one may have ended before this is written.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    // "exit" and not "close": a service that it started holds the pipes open.
    const [code] = (await once(child, "exit")) as [number | null];
    if (code !== 0) throw new Error(`${command} ended with ${code}: ${stdout}${stderr}`);
    return stdout;
  }
}

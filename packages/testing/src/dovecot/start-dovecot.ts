import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "../free-port.ts";
import { makeAuthority } from "../make-authority.ts";
import { type DovecotPlace, dovecotConfig, dovecotPassword, type MailStorage, oauth2Config } from "./dovecot-config.ts";
import { ImapScript } from "./imap-script.ts";

const run = promisify(execFile);

const tokenKey = "a key that only tests use";

/** A real IMAP server of one's own. Any user name has an account, with the folders INBOX, Drafts, Junk, Sent and Trash. */
export interface DovecotServer {
  /** For plain connections and STARTTLS. */
  readonly port: number;
  readonly tlsPort: number;
  /** A file with the certificate of the authority that the server's is from, for `localhost` and 127.0.0.1. */
  readonly caFile: string;
  /** Signs in as a user, to fill and change the mailbox. */
  connect(user: string): Promise<ImapScript>;
  /** An access token for a user, that expires so many seconds from now. */
  token(user: string, lifetimeSeconds?: number): string;
  /** Runs `doveadm` with these arguments and returns what it prints. */
  doveadm(...args: readonly string[]): Promise<string>;
  /** Kills every process of the server. */
  kill(): Promise<void>;
  /** Starts it again on its ports, with its mails. */
  start(): Promise<void>;
  /** Kills it and removes its mails. */
  stop(): Promise<void>;
}

/** Whether this machine has a Dovecot that finds the files of its package. With CI=true it must. */
export function hasDovecot(): boolean {
  // Its first line comes from another program of the package.
  const { stdout } = spawnSync("dovecot", ["-n", "-c", "/dev/null"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  const found = stdout?.startsWith("# ") ?? false;
  if (!found && process.env["CI"] === "true") throw new Error("no dovecot on this machine, and CI=true");
  return found;
}

/** How a server differs from the others. */
export interface DovecotOptions {
  /** Default `sdbox`: a file for each mail. */
  readonly storage?: MailStorage;
  /** Lines of its configuration, which win. */
  readonly settings?: readonly string[];
}

/** Starts the installed Dovecot, 2.3 or later, on free ports; it dies with this process. */
export async function startDovecot({ storage = "sdbox", settings = [] }: DovecotOptions = {}): Promise<DovecotServer> {
  const user = serverUser();
  const folder = mkdtempSync(join(tmpdir(), "dovecot-"));
  const version = execFileSync("dovecot", ["--version"], { encoding: "utf8" }).trim();
  const place = { folder, port: await freePort(), tlsPort: await freePort(), user, version, storage, settings };
  await writeFiles(place);
  const asUser = process.getuid?.() === 0 ? { uid: user.uid, gid: user.gid } : {};
  let shell: ChildProcess | undefined;
  const start = async () => {
    // The shell kills its group, which is the server, when its input ends: also when this process is killed.
    const script = 'dovecot -F -c "$1" & read -r _; kill -9 0';
    const args = ["-c", script, "sh", join(folder, "config")];
    shell = spawn("sh", args, { ...asUser, cwd: folder, detached: true, stdio: ["pipe", "ignore", "ignore"] });
    await untilAnswering(place.port, folder);
  };
  const kill = async () => {
    if (shell?.pid === undefined) return;
    const gone = once(shell, "exit");
    process.kill(-shell.pid, "SIGKILL");
    shell = undefined;
    await gone;
    // In a container no process may be there to collect the dead one, and a server does not start beside it.
    rmSync(join(folder, "run/master.pid"), { force: true });
  };
  await start();
  return {
    port: place.port,
    tlsPort: place.tlsPort,
    caFile: join(folder, "authority"),
    connect: (name) => ImapScript.open(place.port, name, dovecotPassword),
    token: (name, lifetimeSeconds = 300) => jsonWebToken(name, lifetimeSeconds),
    async doveadm(...args) {
      const { stdout } = await run("doveadm", ["-c", join(folder, "config"), ...args], { ...asUser, cwd: folder });
      return stdout;
    },
    kill,
    start,
    async stop() {
      await kill();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

/** Dovecot refuses to read mails as root. */
function serverUser(): DovecotPlace["user"] {
  const name = process.getuid?.() === 0 ? "nobody" : idOf("-un");
  return { name, group: idOf("-gn", name), uid: Number(idOf("-u", name)), gid: Number(idOf("-g", name)) };
}

function idOf(...args: readonly string[]): string {
  return execFileSync("id", args, { encoding: "utf8" }).trim();
}

async function writeFiles(place: DovecotPlace): Promise<void> {
  const { folder, user } = place;
  const authority = await makeAuthority();
  const { key, cert } = await authority.issue(["DNS:localhost", "IP:127.0.0.1"]);
  const files = {
    config: dovecotConfig(place),
    oauth2: oauth2Config(place),
    authority: authority.certificate,
    certificate: cert,
    key,
    "keys/default/HS256/default": Buffer.from(tokenKey).toString("base64"),
  };
  mkdirSync(join(folder, "keys/default/HS256"), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
    chownSync(join(folder, name), user.uid, user.gid);
  }
  chownSync(folder, user.uid, user.gid);
}

/** The processes of the server listen one after the other. */
async function untilAnswering(port: number, folder: string): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    const script = await ImapScript.open(port, "probe", dovecotPassword).catch(() => undefined);
    if (script !== undefined) return script.end();
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`dovecot does not answer on port ${port}; its log is in ${folder}`);
}

function jsonWebToken(user: string, lifetimeSeconds: number): string {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const claims = { sub: user, iat: nowSeconds - 10, exp: nowSeconds + lifetimeSeconds };
  const signed = `${base64Url({ alg: "HS256", typ: "JWT" })}.${base64Url(claims)}`;
  return `${signed}.${createHmac("sha256", tokenKey).update(signed).digest("base64url")}`;
}

function base64Url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

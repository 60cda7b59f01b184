// Programs for the tests from Debian's packages: installed by root, unpacked into a cache of this repository by other users.
import { spawnSync } from "node:child_process";
import { accessSync, chmodSync, constants, existsSync, globSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const cache = fileURLToPath(new URL("../../node_modules/.cache/debian-programs/", import.meta.url));
/** Debian puts servers where only root's shells look. */
const systemFolders = ["/usr/sbin", "/usr/local/sbin"];

/**
 * Puts `program` on PATH, from a package where it is not installed.
 * @param {string} program @param {string} [packageName] Default: as the program.
 * @returns {string | undefined} Why it is unavailable, in one line.
 */
export function provideDebianProgram(program, packageName = program) {
  if (isOnPath(program)) return undefined;
  const folder = join(cache, program);
  addToPath([...systemFolders, folder]);
  if (isOnPath(program)) return undefined;
  if (spawnSync("apt-get", ["--version"], { stdio: "ignore" }).error !== undefined)
    return `no ${program} on PATH, and no apt-get`;
  const problem = process.getuid?.() === 0 ? install(packageName) : unpack(program, packageName, folder);
  if (problem !== undefined) return `no ${program} on PATH, and ${problem}`;
  return isOnPath(program) ? undefined : `Debian's package ${packageName} holds no such program`;
}

/** Debian may start the server on its usual port, which no test uses. @param {string} packageName */
function install(packageName) {
  const attempt = () => apt(["install", "-y", "--no-install-recommends", packageName]);
  if (attempt().status === 0) return undefined;
  // The lists of a fresh container are empty.
  apt(["update"]);
  const { status, stderr } = attempt();
  return status === 0 ? undefined : `apt-get cannot install it: ${lastLine(stderr)}`;
}

/** The packages that an installation would add, unpacked into a folder, with a script that starts the program there. @param {string} program @param {string} packageName @param {string} folder */
function unpack(program, packageName, folder) {
  const plan = apt(["install", "--simulate", "--no-install-recommends", packageName]);
  const packages = Array.from(plan.stdout.matchAll(/^Inst (\S+)/gm), ([, name]) => name ?? "");
  if (plan.status !== 0 || packages.length === 0) return `apt-get knows no such package: ${lastLine(plan.stderr)}`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "archives"), { recursive: true });
  const download = apt(["download", ...packages], join(folder, "archives"));
  if (download.status !== 0) return `apt-get cannot download it: ${lastLine(download.stderr)}`;
  for (const archive of readdirSync(join(folder, "archives"))) {
    const unpacked = spawnSync("dpkg-deb", ["-x", join(folder, "archives", archive), join(folder, "root")], { encoding: "utf8" });
    if (unpacked.status !== 0) return `dpkg-deb cannot unpack ${archive}: ${lastLine(unpacked.stderr)}`;
  }
  const files = globSync("root/usr/{bin,sbin}/*", { cwd: folder });
  if (!files.some((file) => basename(file) === program)) return "its packages hold no such program";
  for (const file of files) writeStarter(join(folder, basename(file)), file, join(folder, "root"));
  return undefined;
}

/**
 * A script that starts an unpacked program where it finds the files of its packages at the paths that are built into it: in a view of
 * the file system of its own. Where the kernel allows none to this user, it finds its libraries, which is enough for most programs.
 * @param {string} starter @param {string} file From the folder of the starter. @param {string} root
 */
function writeStarter(starter, file, root) {
  const libraries = globSync("usr/lib/**/*.so*", { cwd: root }).map((library) => join(root, dirname(library)));
  const search = [...new Set(libraries)].join(":");
  const folders = globSync("usr/{bin,sbin,lib}", { cwd: root });
  const mounts = folders.map((name) => `mount -t overlay -o "lowerdir=$root/${name}:/${name}" overlay /${name}`);
  writeFileSync(
    starter,
    `#!/bin/sh
root='${root}'
view='${mounts.join(" && ")}'
if unshare -Um --map-current-user --keep-caps env root="$root" sh -c "$view" 2>/dev/null; then
  root="$root" exec unshare -Um --map-current-user --keep-caps sh -c "$view"' && exec setpriv --inh-caps=-all --ambient-caps=-all "$0" "$@"' \
    '${file.replace(/^root/, "")}' "$@"
fi
LD_LIBRARY_PATH='${search}' exec "$root/${file.replace(/^root\//, "")}" "$@"
`,
  );
  chmodSync(starter, 0o755);
}

/** @param {readonly string[]} args @param {string} [cwd] */
function apt(args, cwd) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };
  return spawnSync("apt-get", args, { encoding: "utf8", env, ...(cwd === undefined ? {} : { cwd }) });
}

/** @param {string} text */
function lastLine(text) {
  return text.trim().split("\n").at(-1) ?? "";
}

/** @param {readonly string[]} folders */
function addToPath(folders) {
  const present = (process.env["PATH"] ?? "").split(delimiter);
  const added = folders
    .filter((folder) => existsSync(folder) || folder.startsWith(cache))
    .filter((folder) => !present.includes(folder));
  process.env["PATH"] = [...present, ...added].join(delimiter);
}

/** @param {string} program */
function isOnPath(program) {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

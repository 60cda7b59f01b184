import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import type { Ending, Workspace } from "./workspace.ts";

/** A disk of its own under the state folder whose writes can be made to hang, as those of a lost network disk do. */
export interface FreezingDisk {
  freeze(): void;
  thaw(): void;
}

const imageMegabytes = 32;

/** Mounts it, or answers why it cannot. Afterwards it is thawed and gone. */
export function mountFreezingDisk(workspace: Workspace, { onTestFinished }: Ending): FreezingDisk | string {
  const [folder, image] = [workspace.path("state"), workspace.path("disk.img")];
  let isFrozen = false;
  const thaw = () => {
    if (isFrozen) execFileSync("fsfreeze", ["--unfreeze", folder], { stdio: "pipe" });
    isFrozen = false;
  };
  try {
    mkdirSync(folder);
    execFileSync("truncate", ["--size", `${imageMegabytes}M`, image], { stdio: "pipe" });
    execFileSync("mke2fs", ["-q", "-t", "ext4", image], { stdio: "pipe" });
    execFileSync("mount", ["-o", "loop", image, folder], { stdio: "pipe" });
  } catch (error) {
    return `a disk that can be frozen cannot be mounted here: ${error instanceof Error ? error.message : String(error)}`;
  }
  onTestFinished(() => {
    // A process that waits for a frozen disk cannot even be killed.
    thaw();
    execFileSync("umount", ["--lazy", folder], { stdio: "pipe" });
  });
  return {
    freeze() {
      execFileSync("fsfreeze", ["--freeze", folder], { stdio: "pipe" });
      isFrozen = true;
    },
    thaw,
  };
}

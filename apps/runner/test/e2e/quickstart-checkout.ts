import { cp, mkdir, symlink } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { RunnerProcess } from "./runner-process.ts";
import { type Ending, makeWorkspace, type Workspace } from "./workspace.ts";

const repository = new URL("../../../../", import.meta.url);

/** What `npm start` and `npm run cli` run, in a checkout that holds two documents. */
export async function makeCheckout(ending: Ending): Promise<Workspace> {
  const workspace = makeWorkspace(ending);
  const app = new URL("apps/runner/", repository);
  await mkdir(workspace.path("apps/runner"), { recursive: true });
  for (const name of ["quickstart.ts", "checkout-cli.ts", "quickstart", "package.json"])
    await cp(new URL(name, app), workspace.path("apps/runner", name), { recursive: true });
  await symlink(fileURLToPath(new URL("node_modules", app)), workspace.path("apps/runner/node_modules"));
  await symlink(fileURLToPath(new URL("src", app)), workspace.path("apps/runner/src"));
  await cp(new URL("examples", repository), workspace.path("examples"), { recursive: true });
  await workspace.write("README.md", "# Read me\n\nfirst document\n");
  await workspace.write("docs/guide.md", "# Guide\n\nsecond document\n");
  return workspace;
}

type Variables = Readonly<Record<string, string>>;

/** `npm start`, without npm. */
export function startQuickstart(
  ending: Ending,
  workspace: Workspace,
  env: Variables = {},
  args: readonly string[] = [],
): RunnerProcess {
  return startProgram(ending, workspace, "quickstart.ts", { env, args });
}

/** `npm run cli -- …args`, without npm. */
export function startCheckoutCli(ending: Ending, workspace: Workspace, args: readonly string[]): RunnerProcess {
  return startProgram(ending, workspace, "checkout-cli.ts", {
    args,
    env: { INIT_CWD: workspace.folder, HOME: workspace.folder },
  });
}

function startProgram(
  { onTestFinished }: Ending,
  workspace: Workspace,
  file: string,
  { args = [], env }: { readonly args?: readonly string[]; readonly env: Variables },
): RunnerProcess {
  const runner = new RunnerProcess({
    args: [...args],
    cwd: workspace.folder,
    env: { PORT: "0", GITHUB_REPO: "", STATEWAVE_URL: "", QUICKSTART_STATE_DIR: "", STATEWAVE_CONNECTORS_CONFIG: "", ...env },
    program: pathToFileURL(workspace.path("apps/runner", file)),
  });
  onTestFinished(async () => void (await runner.kill()));
  return runner;
}

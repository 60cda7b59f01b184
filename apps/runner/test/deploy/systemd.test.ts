import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, type TestContext } from "vitest";
import { defaultDrainSeconds, deployFolder, describeWithProgram, readDeployed, runProgram } from "./deploy-folder.ts";
import { loadDeployed } from "./load-deployed.ts";

const unit = "etc/systemd/system/statewave-connectors.service";
const settings = "etc/statewave-connectors/statewave-connectors.toml";

function install(root: string) {
  return runProgram("sh", [join(deployFolder, "systemd/install.sh")], { DESTDIR: root });
}

function installedRoot({ onTestFinished }: Pick<TestContext, "onTestFinished">): string {
  const root = mkdtempSync(join(tmpdir(), "systemd-root-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  expect(install(root)).toMatchObject({ status: 0 });
  return root;
}

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

/** The values of a directive, the last one last. */
function directive(name: string): readonly string[] {
  return [...readDeployed("systemd/statewave-connectors.service").matchAll(/^(?<name>\w+)=(?<value>.*)$/gm)].flatMap(
    ({ groups }) => (groups?.["name"] === name ? [groups["value"] ?? ""] : []),
  );
}

test("the installation writes unit, user and configuration, and a folder for secrets that root alone may enter", (context) => {
  const root = installedRoot(context);
  expect(readFileSync(join(root, unit), "utf8")).toBe(readDeployed("systemd/statewave-connectors.service"));
  expect(readFileSync(join(root, "etc/sysusers.d/statewave-connectors.conf"), "utf8")).toMatch(/^u statewave-connectors /);
  expect(modeOf(join(root, "etc/statewave-connectors/secrets"))).toBe("700");
});

test("a second installation updates the unit and keeps the edited configuration", (context) => {
  const root = installedRoot(context);
  writeFileSync(join(root, settings), "# edited\n");
  writeFileSync(join(root, unit), "# old\n");
  expect(install(root)).toMatchObject({ status: 0 });
  expect(readFileSync(join(root, settings), "utf8")).toBe("# edited\n");
  expect(readFileSync(join(root, unit), "utf8")).toBe(readDeployed("systemd/statewave-connectors.service"));
});

test("the configuration is valid, names secrets where systemd puts them, and has its state where the unit creates it", async (context) => {
  const { config, secretFiles } = await loadDeployed("systemd/statewave-connectors.toml", {}, context);
  const prefix = "/run/credentials/statewave-connectors.service/secrets_";
  expect(secretFiles).toEqual([`${prefix}statewave_api_key`, `${prefix}github_token`]);
  expect(directive("LoadCredential")).toEqual(["secrets:/etc/statewave-connectors/secrets"]);
  expect(config.runner.stateDir).toBe(`/var/lib/${directive("StateDirectory")[0]}`);
});

test("the configuration of a restore has the state of the service, and names no secret, which systemd takes away at the stop", async (context) => {
  const service = await loadDeployed("systemd/statewave-connectors.toml", {}, context);
  const { config, secretFiles } = await loadDeployed("systemd/restore.toml", {}, context, { requireEntries: false });
  expect(secretFiles).toEqual([]);
  const stateOf = ({ runner }: typeof config) => [runner.stateDir, runner.state.kind, runner.inbox.kind];
  expect(stateOf(config)).toEqual(stateOf(service.config));
  const installed = join(installedRoot(context), "etc/statewave-connectors/restore.toml");
  expect(readFileSync(installed, "utf8")).toBe(readDeployed("systemd/restore.toml"));
});

test("systemd waits longer for the end than the runner takes to drain, and does not restart a wrong configuration", () => {
  expect(Number(directive("TimeoutStopSec")[0])).toBeGreaterThan(defaultDrainSeconds() + 5);
  expect(directive("RestartPreventExitStatus")).toEqual(["2 3"]);
});

test("a reload sends the signal on which the runner reads its configuration again", () => {
  expect(directive("ExecReload")).toEqual(["/bin/kill -HUP $MAINPID"]);
});

describeWithProgram("systemd-analyze", "systemd", () => {
  test("finds no fault in the unit", (context) => {
    const root = installedRoot(context);
    // The program is not installed on this machine: the unit names one that is.
    const program = join(root, "statewave-connectors");
    writeFileSync(program, "#!/bin/sh\n");
    chmodSync(program, 0o755);
    const text = readDeployed("systemd/statewave-connectors.service");
    const started = text.replace(/^ExecStart=\S+/m, `ExecStart=${program}`);
    expect(started).not.toBe(text);
    writeFileSync(join(root, unit), started);
    expect(runProgram("systemd-analyze", ["verify", "--man=no", join(root, unit)])).toEqual({ status: 0, output: "" });
  });

  test("rates what the service may still do at 2.5 of 10 or less", (context) => {
    const root = installedRoot(context);
    const args = ["security", "--offline=true", "--threshold=25", "--no-pager", join(root, unit)];
    const { status, output } = runProgram("systemd-analyze", args);
    expect(output).toContain("Overall exposure level");
    expect(status).toBe(0);
  });
});

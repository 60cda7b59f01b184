import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadConfig } from "@statewave-connectors/config";
import { quickstartBanner } from "../quickstart/banner.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "doc-examples-"));
const keyFile = join(folder, "key.pem");
const tokenFile = join(folder, "token");
const pages = globSync(["README.md", "docs/**/*.md", "packages/*/README.md", "apps/*/README.md"], { cwd: repository }).toSorted();

/** The code blocks of a language in a page. */
function blocksOf(page: string, language: string): readonly string[] {
  const text = readFileSync(join(repository, page), "utf8");
  return Array.from(text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, "gm")), ([, block]) => block!);
}

beforeAll(() => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(keyFile, privateKey.export({ type: "pkcs8", format: "pem" }));
  writeFileSync(tokenFile, "some-token\n");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a configuration in the docs is valid", () => {
  const examples = pages.flatMap((page) => blocksOf(page, "toml").map((toml, at) => ({ page, number: at + 1, toml })));

  test.each(examples)("$page, example $number", async ({ page, number, toml }) => {
    const path = join(folder, `${page.replaceAll("/", "-")}-${number}.toml`);
    const whole = toml.includes("[statewave]") ? toml : `[statewave]\nurl = "stdout:"\n\n${toml}`;
    // The template is private, so that no name leads to it.
    const template = `\n[connectors]\nexample = ${JSON.stringify(join(repository, "packages/connector-example"))}\n`;
    writeFileSync(
      path,
      whole.replaceAll(/\$\{file:([^}]+)\}/g, (_, name: string) => `\${file:${name.includes("token") ? tokenFile : keyFile}}`) +
        (toml.includes(".example]]") ? template : ""),
    );
    const names = Array.from(toml.matchAll(/\$\{([A-Z_]+)\}/g), ([, name]) => name!);
    const values = { DATABASE_URL: "postgres://user:password@localhost:5432/database", REDIS_URL: "redis://localhost:6379" };
    const env = { ...Object.fromEntries(names.map((name) => [name, "some-text"])), ...values };
    await expect(loadConfig({ configPath: path, env, resolveFrom: [import.meta.url] })).resolves.toHaveProperty("config");
  });

  test("there are a dozen of them", () => {
    expect(examples.length).toBeGreaterThanOrEqual(12);
  });
});

describe("a runner inside another program starts and stops as shown in", () => {
  beforeAll(() => {
    symlinkSync(join(repository, "apps/runner/node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
    const config = `[statewave]\nurl = "stdout:"\n[runner]\nport = 0\n[runner.state]\nkind = "file"\n`;
    const entry = `[[pull.markdown]]\nname = "docs"\nschedule = "every 1h"\npath = "."\n`;
    writeFileSync(join(folder, "statewave-connectors.toml"), config + entry);
  });

  test.each(["README.md", "packages/runner/README.md"])("%s", (page) => {
    const program = blocksOf(page, "ts").find((block) => block.includes("createRunner"));
    writeFileSync(join(folder, "program.ts"), program ?? "throw new Error('no example');");
    const args = ["--conditions=@statewave-connectors/source", "program.ts"];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8", timeout: 120_000 });
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringMatching(/"listening"[^]*"stopped"/) });
  });
});

describe("a command in the docs exists", () => {
  const scripts = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as { scripts: Record<string, string> };
  const commands = ["README.md", "CONTRIBUTING.md", ...pages].flatMap((page) =>
    Array.from(readFileSync(join(repository, page), "utf8").matchAll(/npm run ([a-z:-]+)/g), ([, name]) => ({
      page,
      name: name!,
    })),
  );

  test.each(commands)("$page: npm run $name", ({ name }) => {
    expect(Object.keys(scripts.scripts)).toContain(name);
  });

  test("the README shows the banner of npm start", () => {
    const [banner] = blocksOf("README.md", "text");
    expect(banner?.trim()).toBe(quickstartBanner({ sink: "var/quickstart/episodes.jsonl", url: "http://127.0.0.1:3000" }).trim());
  });

  test("the README's file passes the commands that stand behind it", { timeout: 60_000 }, () => {
    const file = join(folder, "readme.toml");
    writeFileSync(file, blocksOf("README.md", "toml")[0]!);
    const env = { ...process.env, STATEWAVE_API_KEY: "k", GITHUB_TOKEN: "t", SLACK_SIGNING_SECRET: "s" };
    const program = fileURLToPath(new URL("../checkout-cli.ts", import.meta.url));
    const args = ["--conditions=@statewave-connectors/source", program, "validate-config", "--config", file];
    const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: "utf8", timeout: 50_000 });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

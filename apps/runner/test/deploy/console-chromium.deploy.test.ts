import { statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium, openTab, scrollsSideways, violationsOf } from "./browser.ts";
import { startConsoleWorld } from "./console-world.ts";
import { describeWithProgram, repository } from "./deploy-folder.ts";

const paths = [
  "",
  "activity",
  "inbox",
  "letters",
  "backfills",
  "audit",
  "sources/pull/markdown/handbook",
  "sources/push/slack/team",
  "nowhere",
];
const images = join(repository, "docs/images");

describeWithProgram("chromium", "the console in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  test.for(["light", "dark"] as const)(
    "%s: axe finds nothing on any page, and no page complains",
    async (colorScheme, ending) => {
      const { adminUrl } = await startConsoleWorld(ending);
      const { page, complaints } = await openTab(browser, { colorScheme });
      for (const path of paths) {
        await page.goto(`${adminUrl}/console/${path}`);
        expect([path, await violationsOf(page)]).toEqual([path, []]);
      }
      await page.goto(`${adminUrl}/console/letters`);
      await page.getByRole("rowheader").getByRole("link").first().click();
      expect(await violationsOf(page)).toEqual([]);
      await page.getByRole("button", { name: "Discard…" }).click();
      expect(await violationsOf(page)).toEqual([]);
      expect(complaints.filter((text) => !text.includes("404"))).toEqual([]);
    },
  );

  test("a source is paused and resumed in its page, after a question, with the reason shown", async (ending) => {
    const { adminUrl, runner } = await startConsoleWorld(ending);
    const { page, complaints } = await openTab(browser);
    const address = `${adminUrl}/console/sources/pull/markdown/runbooks`;
    await page.goto(address);
    await page.getByRole("button", { name: "Pause…" }).click();
    expect(await violationsOf(page)).toEqual([]);
    await page.getByLabel("Reason").fill("the disk is moved");
    await page.getByRole("button", { name: "Pause", exact: true }).click();
    await page.getByRole("heading", { name: "Paused" }).waitFor();
    await runner.logged("an entry is paused");
    await page.goto(address);
    await page.getByText("the disk is moved").waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole("button", { name: "Resume…" }).click();
    await page.getByRole("button", { name: "Resume", exact: true }).click();
    await page.getByRole("heading", { name: "Resumed" }).waitFor();
    expect(complaints).toEqual([]);
  });

  test("text of sources runs nothing", async (ending) => {
    const { adminUrl } = await startConsoleWorld(ending);
    const { page, complaints } = await openTab(browser);
    await page.goto(`${adminUrl}/console/letters`);
    await page.getByRole("rowheader").getByRole("link").first().click();
    expect(await page.getByLabel("Content").textContent()).toContain("<script>alert(2)</script>");
    expect([await page.locator("img").count(), complaints]).toEqual([0, []]);
  });

  test("on a phone no page scrolls sideways", async (ending) => {
    const { adminUrl } = await startConsoleWorld(ending);
    const { page } = await openTab(browser, { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
    for (const path of paths) {
      await page.goto(`${adminUrl}/console/${path}`);
      expect([path, await scrollsSideways(page), await violationsOf(page)]).toEqual([path, false, []]);
    }
  });

  test("the keyboard alone reaches a failing source, and retries a dead letter", async (ending) => {
    const { adminUrl, statewave } = await startConsoleWorld(ending);
    const { page } = await openTab(browser);
    await page.goto(`${adminUrl}/console/`);
    await page.keyboard.press("Tab");
    await expect.poll(() => page.evaluate("document.activeElement.textContent")).toBe("Skip to the content");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.evaluate("document.activeElement.id")).toBe("main");
    await tabTo("markdown/archive");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "markdown/archive" }).waitFor();
    await page.goto(`${adminUrl}/console/letters`);
    await tabTo("");
    await page.keyboard.press("Space");
    statewave.setFaults([]);
    await tabTo("Retry…");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Retry one dead letter?" }).waitFor();
    await tabTo("Retry one dead letter");
    await page.keyboard.press("Enter");
    await page.getByText("1 put back into the queue").waitFor();

    /** Presses Tab until a link or a button with this text has the focus; a checkbox for none. */
    async function tabTo(text: string): Promise<void> {
      for (let presses = 0; presses < 60; presses += 1) {
        await page.keyboard.press("Tab");
        const focused = await page.evaluate("[document.activeElement.type ?? '', document.activeElement.textContent.trim()]");
        const [type, content] = focused as [string, string];
        if (text === "" ? type === "checkbox" : content === text) return;
      }
      throw new Error(`Tab never reached ${text}`);
    }
  });

  test("pages keep up to date without losing the focus or what was opened, until someone stops that", async (ending) => {
    const { adminUrl, workspace } = await startConsoleWorld(ending);
    const { page, complaints } = await openTab(browser);
    await page.goto(`${adminUrl}/console/sources/pull/markdown/handbook`);
    await page.locator("summary").first().click();
    await page.getByRole("link", { name: "Inbox" }).first().focus();
    const delivered = page.locator("figcaption strong").first();
    const before = await delivered.textContent();
    await workspace.write("docs/more.md", "# More\n\nAs agreed.\n");
    await expect.poll(() => delivered.textContent()).not.toBe(before);
    expect(await page.locator("details").first().getAttribute("open")).toBe("");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Inbox");
    await page.getByRole("button", { name: "Stop updating" }).click();
    await page.getByRole("button", { name: "Update live" }).waitFor();
    await page.getByText(/^Updates are stopped. This page is as of [\d:]+ ?(?:AM|PM)?.$/).waitFor();
    expect(complaints).toEqual([]);
  });

  test("everything can be read without script", async (ending) => {
    const { adminUrl } = await startConsoleWorld(ending);
    const { page } = await openTab(browser, { javaScriptEnabled: false });
    await page.goto(`${adminUrl}/console/`);
    await page.getByLabel("Name").fill("archive");
    await page.getByRole("button", { name: "Filter" }).click();
    await page.getByRole("link", { name: "markdown/archive" }).click();
    expect(await page.getByRole("heading").allTextContents()).toContain("Runs");
  });

  test("with a token one signs in, acts under a name, and signs out", async (ending) => {
    const { adminUrl, token = "" } = await startConsoleWorld(ending, { token: "t0ken-of-the-browser" });
    const { page, complaints } = await openTab(browser);
    await page.goto(`${adminUrl}/`);
    expect(await violationsOf(page)).toEqual([]);
    await page.getByLabel("Token").fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("That is not the token.").waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.getByLabel("Token").fill(token);
    await page.getByLabel("Your name").fill("Ana");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("link", { name: "Dead letters" }).first().click();
    await page.getByRole("checkbox").first().check();
    await page.getByRole("button", { name: "Discard…" }).click();
    await page.getByRole("button", { name: "Discard one dead letter" }).click();
    await page.getByText("1 discarded").waitFor();
    await page.getByRole("link", { name: "Audit log" }).click();
    await page.getByText("Ana, console (").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Token").waitFor();
    await page.goto(`${adminUrl}/console/letters`);
    expect([new URL(page.url()).pathname, complaints.filter((text) => !text.includes("401"))]).toEqual(["/console/login", []]);
  });

  test("with a thousand sources every one is found, and the page stays accessible", async (ending) => {
    const { adminUrl } = await startConsoleWorld(ending, { idleSources: 1_000 });
    const { page } = await openTab(browser);
    await page.goto(`${adminUrl}/console/`);
    await page.getByRole("rowheader").first().getByText("markdown/archive").waitFor();
    expect([await page.getByRole("rowheader").count(), await violationsOf(page)]).toEqual([100, []]);
    await page.getByRole("link", { name: "Next" }).click();
    await page.getByText("Page 2 of 11").waitFor();
    await page.getByLabel("Name").fill("team-0777");
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "markdown/team-0777" }).click();
    await page.getByText("It has not run yet.").waitFor();
  });

  describe("the pictures of the guide", () => {
    const pictures = [
      { name: "console-overview", path: "", shows: "failing", colorScheme: "light" },
      { name: "console-source", path: "sources/pull/markdown/handbook", shows: "done", colorScheme: "dark" },
      {
        name: "console-phone",
        path: "letters",
        shows: "validation_error",
        colorScheme: "light",
        viewport: { width: 390, height: 700 },
      },
    ] as const;

    test.runIf(process.env["SCREENSHOTS"] === "write")("are taken", async (ending) => {
      const { adminUrl } = await startConsoleWorld(ending);
      await mkdir(images, { recursive: true });
      for (const { name, path, shows, colorScheme, ...size } of pictures) {
        const { page } = await openTab(browser, { viewport: { width: 1180, height: 900 }, colorScheme, ...size });
        await page.goto(`${adminUrl}/console/${path}`);
        await page.locator("tbody").getByText(shows).first().waitFor();
        const picture = await page.screenshot({ path: join(images, `${name}.png`) });
        expect(picture.byteLength).toBeGreaterThan(10_000);
      }
    });

    test("are small", () => {
      for (const { name } of pictures) expect(statSync(join(images, `${name}.png`)).size).toBeLessThan(150 * 1024);
    });
  });
});

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { type Sink, silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSink } from "../../src/sinks/open-sink.ts";
import { makeEpisode, outbound } from "../delivery/make-episode.ts";

let baseDir: string;
beforeEach(async () => {
  baseDir = await mkdtemp(join(tmpdir(), "open-sink-"));
});
afterEach(() => rm(baseDir, { recursive: true }));

function open(url: string): Promise<Sink> {
  return openSink({
    statewave: { url, tenantHeader: "X-Tenant-ID" },
    baseDir,
    clock: systemClock,
    logger: silentLogger,
    stdout: new PassThrough(),
  });
}

describe("a sink is opened by its url:", () => {
  it.each([
    ["file:./out/episodes.jsonl", "out/episodes.jsonl"],
    ["file:episodes.jsonl", "episodes.jsonl"],
  ])("%s lies in the configuration's folder", async (url, path) => {
    const sink = await open(url);
    await sink.send([outbound(makeEpisode(1))], new AbortController().signal);
    await sink.close?.();
    expect(await readFile(join(baseDir, path), "utf8")).toContain('"idempotency_key":"key-1"');
  });

  it.each([
    ["file:/", ""],
    ["file://", ""],
  ])("an absolute %s path is taken as it is", async (scheme) => {
    const path = join(baseDir, "absolute.jsonl");
    const sink = await open(`${scheme}${scheme === "file:/" ? path.slice(1) : path}`);
    await sink.close?.();
    expect(await readFile(path, "utf8")).toBe("");
  });

  it("stdout: says that it is not durable", async () => {
    expect((await open("stdout:")).description).toContain("not durable");
  });

  it("http: is not contacted, so a server that is down fails no start", async () => {
    expect((await open("http://127.0.0.1:9")).description).toBe("Statewave at http://127.0.0.1:9");
  });

  it.each(["ftp://example.com/x", "localhost:8100", "file:", "file://host/x", ""])(
    "%j is refused with the forms that work",
    async (url) => {
      await expect(open(url)).rejects.toMatchObject({ code: "SINK_CONFIG_INVALID", hint: expect.any(String) });
    },
  );

  it("a malformed url with a password in it is not repeated", async () => {
    await expect(open("http://me:s3cret@:x")).rejects.toSatisfy((error: Error) => !error.message.includes("s3cret"));
  });

  it("a file that cannot be opened is one clear error", async () => {
    await expect(open("file:.")).rejects.toMatchObject({ code: "SINK_FILE_UNUSABLE", hint: expect.any(String) });
  });
});

import { constants } from "node:fs";
import { appendFile, chmod, type FileHandle, mkdtemp, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileSink } from "../../src/sinks/file-sink.ts";
import { JsonLinesFile, type OpenFile } from "../../src/sinks/json-lines-file.ts";
import { makeEpisode, makeEpisodes, outbound } from "../delivery/make-episode.ts";

let dir: string;
let path: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "file-sink-"));
  path = join(dir, "episodes.jsonl");
});
afterEach(() => rm(dir, { recursive: true }));

async function openFileSink(openFile?: OpenFile): Promise<FileSink> {
  const file = new JsonLinesFile(path, openFile);
  await file.open();
  return new FileSink({ path, file, clock: systemClock });
}

async function keys(of = path): Promise<string[]> {
  const lines = (await readFile(of, "utf8")).split("\n");
  expect(lines.pop()).toBe("");
  return lines.map((line) => (JSON.parse(line) as { idempotency_key: string }).idempotency_key);
}

const send = (sink: FileSink, ...ids: string[]) => sink.send(ids.map((id) => outbound(makeEpisode(id))));

/** A disk on which everything works but what `overrides` says. */
function faultyDisk(overrides: (handle: FileHandle) => Partial<FileHandle>): OpenFile {
  return async (...args) => {
    const handle = await open(...args);
    return new Proxy(handle, {
      get(target, name) {
        const override: unknown = Reflect.get(overrides(target), name);
        if (override !== undefined) return override;
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  };
}

describe("the file sink", () => {
  it("writes one line of JSON per episode, in order, and continues where it ended", async () => {
    const first = await openFileSink();
    expect(await send(first, "a", "b")).toEqual({ type: "accepted" });
    await first.close();
    const second = await openFileSink();
    await send(second, "c");
    await second.close();
    expect(await keys()).toEqual(["key-a", "key-b", "key-c"]);
  });

  it("acknowledges after fdatasync, and not before", async () => {
    const steps: string[] = [];
    const sink = await openFileSink(
      faultyDisk((handle) => ({
        appendFile: async (data: string) => {
          await handle.appendFile(data);
          steps.push("written");
        },
        datasync: async () => {
          await handle.datasync();
          steps.push("synced");
        },
      })),
    );
    await send(sink, "a").then(() => steps.push("acknowledged"));
    expect(steps).toEqual(["written", "synced", "acknowledged"]);
    await sink.close();
  });

  it("commits batches that arrive together with one fdatasync", async () => {
    let syncs = 0;
    const sink = await openFileSink(
      faultyDisk((handle) => ({
        datasync: () => {
          syncs += 1;
          return handle.datasync();
        },
      })),
    );
    const sent = makeEpisodes(20).map((episode) => sink.send([outbound(episode)]));
    expect(new Set((await Promise.all(sent)).map(({ type }) => type))).toEqual(new Set(["accepted"]));
    expect(syncs).toBe(2);
    expect(await keys()).toEqual(makeEpisodes(20).map(({ idempotency_key: key }) => key));
    await sink.close();
  });

  it("cuts off what a crash left behind the last newline", async () => {
    const sink = await openFileSink();
    await send(sink, "a");
    await sink.close();
    await appendFile(path, `{"subject_id":"repo:x","text":"${"torn ".repeat(40_000)}`);
    const again = await openFileSink();
    await send(again, "b");
    await again.close();
    expect(await keys()).toEqual(["key-a", "key-b"]);
  });

  it("cuts off a first line that is torn", async () => {
    await writeFile(path, '{"subj');
    const sink = await openFileSink();
    await send(sink, "a");
    await sink.close();
    expect(await keys()).toEqual(["key-a"]);
  });

  it("leaves a file alone that is not its own", async () => {
    const notes = '{\n  "name": "somebody else\'s"\n}';
    await writeFile(path, notes);
    await expect(openFileSink()).rejects.toMatchObject({ code: "SINK_FILE_UNUSABLE" });
    expect(await readFile(path, "utf8")).toBe(notes);
  });

  it("cuts half a line off that a full disk left, and writes it whole when there is room again", async () => {
    let full = true;
    const sink = await openFileSink(
      faultyDisk((handle) => ({
        appendFile: async (data: string) => {
          await handle.appendFile(full ? data.slice(0, data.length / 2) : data);
          if (full) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
        },
      })),
    );
    expect(await send(sink, "a", "b")).toEqual({ type: "failed", reason: `file ${path}: ENOSPC`, suspect: false });
    expect((await stat(path)).size).toBeGreaterThan(0);
    expect(await send(sink, "a", "b")).toMatchObject({ type: "failed" });
    full = false;
    expect(await send(sink, "a", "b")).toEqual({ type: "accepted" });
    expect(await keys()).toEqual(["key-a", "key-b"]);
    await sink.close();
  });

  it("writes lines again whose fdatasync failed: the disk may have dropped them", async () => {
    let failing = true;
    const sink = await openFileSink(
      faultyDisk((handle) => ({
        datasync: async () => {
          if (failing) throw Object.assign(new Error("i/o error"), { code: "EIO" });
          await handle.datasync();
        },
      })),
    );
    expect(await send(sink, "a")).toMatchObject({ type: "failed" });
    failing = false;
    expect(await send(sink, "a")).toEqual({ type: "accepted" });
    expect(await keys()).toEqual(["key-a"]);
    await sink.close();
  });

  it("makes a new file when the old one was rotated away or removed", async () => {
    const sink = await openFileSink();
    await send(sink, "a");
    await rename(path, `${path}.1`);
    await send(sink, "b");
    await rm(path);
    await send(sink, "c");
    await sink.close();
    expect(await keys(`${path}.1`)).toEqual(["key-a"]);
    expect(await keys()).toEqual(["key-c"]);
  });

  it("continues after the file was truncated in place", async () => {
    const sink = await openFileSink();
    await send(sink, "a");
    await writeFile(path, "");
    await send(sink, "b");
    await sink.close();
    expect(await keys()).toEqual(["key-b"]);
  });

  it("stops for a person when another file takes its place", async () => {
    const sink = await openFileSink();
    await rm(path);
    await writeFile(path, "notes");
    expect(await send(sink, "a")).toMatchObject({ type: "stopped", hint: expect.any(String) });
    expect(await readFile(path, "utf8")).toBe("notes");
    await sink.close();
  });

  it("makes the folders above it", async () => {
    path = join(dir, "new", "er", "episodes.jsonl");
    const sink = await openFileSink();
    await send(sink, "a");
    await sink.close();
    expect(await keys()).toEqual(["key-a"]);
  });

  it.skipIf(process.getuid?.() === 0)("reports a folder it may not write to (as root everything may be written)", async () => {
    await chmod(dir, constants.S_IRUSR);
    await expect(openFileSink()).rejects.toMatchObject({ code: "EACCES" });
    await chmod(dir, constants.S_IRWXU);
  });
});

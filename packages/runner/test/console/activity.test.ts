import { expect, test } from "vitest";
import { Activity } from "../../src/console/activity.ts";
import { CountSeries } from "../../src/console/count-series.ts";

const minute = 60_000;
const diary = { kind: "notes", name: "diary" };
const other = { kind: "notes", name: "other" };
const atMs = Date.parse("2026-12-01T12:00:30Z");

const nonZero = (values: readonly number[]) =>
  values.flatMap((count, index) => (count === 0 ? [] : [[index - values.length, count]]));

test("counts by minute for an hour, and by quarter for a day, of each source and of all", () => {
  const activity = new Activity();
  activity.add("delivered", diary, 3, atMs - 20 * minute);
  activity.add("delivered", other, 2, atMs);
  activity.add("buried", diary, 1, atMs);
  expect(nonZero(activity.read("delivered", "hour", atMs))).toEqual([
    [-21, 3],
    [-1, 2],
  ]);
  expect(nonZero(activity.read("delivered", "hour", atMs, diary))).toEqual([[-21, 3]]);
  expect(nonZero(activity.read("delivered", "day", atMs))).toEqual([
    [-3, 3],
    [-1, 2],
  ]);
  expect(nonZero(activity.read("received", "day", atMs))).toEqual([]);
  expect([activity.read("received", "hour", atMs).length, activity.read("received", "day", atMs).length]).toEqual([60, 96]);
});

test("forgets what is older than an hour, also when nothing happens meanwhile", () => {
  const activity = new Activity();
  activity.add("delivered", diary, 3, atMs);
  expect(nonZero(activity.read("delivered", "hour", atMs + 59 * minute))).toEqual([[-60, 3]]);
  expect(nonZero(activity.read("delivered", "hour", atMs + 60 * minute))).toEqual([]);
  expect(nonZero(activity.read("delivered", "day", atMs + 60 * minute))).toEqual([[-5, 3]]);
});

test("a clock that steps back loses no count, and one that leaps ahead costs no time", () => {
  const series = new CountSeries({ bucketMs: minute, buckets: 3 });
  series.add(1, atMs);
  series.add(2, atMs - 10 * minute);
  expect(series.read(atMs - 10 * minute)).toEqual([0, 0, 3]);
  series.add(4, atMs + 1e15);
  expect(series.read(atMs)).toEqual([0, 0, 4]);
});

import { expect, test } from "vitest";
import { PageSizes } from "../../src/paging/page-sizes.ts";

/** The sizes of the requests for a list in which no page may hold more than `most(offset, size)` allows. */
function sizesFor(length: number, isTooMuch: (offset: number, size: number) => boolean): [number, number][] {
  const sizes = new PageSizes([100, 30, 10, 1]);
  const asked: [number, number][] = [];
  for (let offset = 0; offset < length;) {
    const size = sizes.at();
    asked.push([offset, size]);
    if (isTooMuch(offset, size) && sizes.tooLarge(size)) continue;
    sizes.answered(size);
    sizes.advance(size);
    offset += size;
  }
  return asked;
}

const attemptsWith = (asked: readonly (readonly [number, number])[], wanted: number) =>
  asked.filter(([, size]) => size === wanted).map(([offset]) => offset);

test("a size that is never answered is tried at growing intervals", () => {
  expect(
    attemptsWith(
      sizesFor(5_000, (_, size) => size > 30),
      100,
    ),
  ).toEqual([0, 120, 330, 750, 1_560, 3_180]);
});

test("where one item was at fault, the size is tried again right behind it, however often that happens", () => {
  const holds = (offset: number, size: number, item: number) => offset <= item && item < offset + size;
  const heavy = [50, 1_050, 2_050, 3_050];
  const asked = sizesFor(4_000, (offset, size) => size > 10 && heavy.some((item) => holds(offset, size, item)));

  for (const item of heavy) {
    const behind = attemptsWith(asked, 100).find((offset) => offset > item);
    expect(behind).toBeLessThanOrEqual(item + 130);
  }
});

test("a slow hour does not make pages small for good", () => {
  const asked = sizesFor(20_000, (offset, size) => size > 10 && offset < 2_000);

  expect(asked.filter(([offset]) => offset > 10_000).every(([, size]) => size === 100)).toBe(true);
});

test("refuses sizes that are no sizes", () => {
  expect(() => new PageSizes([])).toThrow(RangeError);
  expect(() => new PageSizes([0])).toThrow(RangeError);
});

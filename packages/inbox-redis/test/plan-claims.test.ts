import { expect, test } from "vitest";
import { planClaims } from "../src/plan-claims.ts";

const plan = (ready: Record<string, readonly number[]>, room: { claimedItems?: number; roomBytes: number; first?: string }) => {
  const sources = Object.entries(ready).map(([source, sizes]) => ({ source, sizes }));
  const { counts, next } = planClaims(sources, {
    claimedItems: room.claimedItems ?? 1,
    roomBytes: room.roomBytes,
    first: room.first,
  });
  return { ...Object.fromEntries(counts), next };
};

test("takes everything that fits", () => {
  expect(plan({ a: [1, 1, 1], b: [2] }, { roomBytes: 5 })).toEqual({ a: 3, b: 1, next: undefined });
});

test("gives each source its turn", () => {
  expect(plan({ a: [1, 1, 1], b: [1, 1], c: [1] }, { roomBytes: 4 })).toEqual({ a: 2, b: 1, c: 1, next: "b" });
});

test("begins with the source whose turn it is, also when it is gone", () => {
  expect(plan({ a: [1], b: [1] }, { roomBytes: 1, first: "b" })).toEqual({ b: 1, next: "a" });
  expect(plan({ a: [1], b: [1] }, { roomBytes: 1, first: "z" })).toEqual({ a: 1, next: "b" });
});

test("passes over no large item for smaller ones", () => {
  expect(plan({ a: [9, 1], b: [1, 1] }, { roomBytes: 5 })).toEqual({ next: "a" });
});

test("takes a single item larger than the limit when nothing is claimed, and nothing beside it", () => {
  expect(plan({ a: [9, 1], b: [1] }, { claimedItems: 0, roomBytes: 5 })).toEqual({ a: 1, next: "b" });
});

test("takes items without bytes for as long as there is room for them", () => {
  expect(plan({ a: [0, 0] }, { roomBytes: 0 })).toEqual({ a: 2, next: undefined });
});

import type { Counted, Period } from "@statewave-connectors/runner/console";
import { scaleLinear, scaleUtc } from "d3-scale";
import { area, curveStepAfter } from "d3-shape";
import { type Html, html } from "../html.ts";

/** Counts by time. */
export interface Counts {
  readonly counted: Counted;
  readonly period: Period;
  /** The oldest first; the last bucket is under way. */
  readonly values: readonly number[];
  readonly nowMs: number;
}

const names: Readonly<Record<Counted, string>> = {
  delivered: "Episodes delivered",
  buried: "Dead letters",
  received: "Webhooks",
};
const bucketMs: Readonly<Record<Period, number>> = { hour: 60_000, day: 15 * 60_000 };
const bucketNames: Readonly<Record<Period, string>> = { hour: "in a minute", day: "in a quarter of an hour" };

/** A chart with its axes, and the numbers for those who cannot see it. */
export function chart(counts: Counts): Html {
  const { counted, period, values, nowMs } = counts;
  const [width, height, left, bottom] = [440, 120, 40, 20];
  const { shape, x, y } = draw(counts, { left, right: width, top: 8, bottom: height - bottom });
  const times = x
    .ticks(5)
    .map((at) => ({ at: Math.round(x(at)), text: at.toISOString().slice(11, 16) }))
    .filter(({ at }) => at < width - 18);
  return html`<figure class="chart ${counted}">
    <figcaption>
      ${names[counted]}, last ${period}: <strong>${amount(sumOf(values))}</strong>${largest(values, period)}
    </figcaption>
    <svg viewBox="0 0 ${width} ${height}" aria-hidden="true">
      ${y
        .ticks(3)
        .filter(Number.isInteger)
        .map(
          (tick) =>
            html`<line x1="${left}" x2="${width}" y1="${y(tick)}" y2="${y(tick)}" /><text
                x="${left - 6}"
                y="${y(tick) + 4}"
                text-anchor="end"
                >${amount(tick)}</text
              >`,
        )}
      <path d="${shape}" />
      ${times.map(({ at, text }) => html`<text x="${at}" y="${height - 4}" text-anchor="middle">${text}</text>`)}
    </svg>
    ${numbers(values, period, nowMs)}
  </figure>`;
}

/** A chart in a line of a table. */
export function sparkline(counts: Counts): Html {
  const [width, height] = [96, 22];
  const sum = sumOf(counts.values);
  if (sum === 0) return html`<span class="none">none</span>`;
  const { shape } = draw(counts, { left: 0, right: width, top: 1, bottom: height - 1 });
  return html`<svg class="spark ${counts.counted}" viewBox="0 0 ${width} ${height}" aria-hidden="true"><path d="${shape}" /></svg>
    <span class="number">${amount(sum)}</span>`;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function draw({ period, values, nowMs }: Counts, { left, right, top, bottom }: Box) {
  const size = bucketMs[period];
  const endMs = (Math.floor(nowMs / size) + 1) * size;
  const startMs = endMs - values.length * size;
  const x = scaleUtc()
    .domain([new Date(startMs), new Date(endMs)])
    .range([left, right]);
  const y = scaleLinear()
    .domain([0, Math.max(1, ...values)])
    .nice(3)
    .range([bottom, top]);
  // The last bucket lasts until its end.
  const points = [...values, values.at(-1) ?? 0]
    .map((count, index) => [startMs + index * size, count] as const)
    .filter(([, count], index) => index === 0 || index === values.length || count !== values[index - 1]);
  const path = area<readonly [number, number]>()
    .x(([atMs]) => x(atMs))
    .y0(bottom)
    .y1(([, count]) => y(count))
    .curve(curveStepAfter)
    .digits(1);
  return { shape: path(points) ?? "", x, y };
}

function numbers(values: readonly number[], period: Period, nowMs: number): Html {
  const size = bucketMs[period];
  const firstMs = (Math.floor(nowMs / size) + 1 - values.length) * size;
  const rows = values.flatMap((count, index) => (count === 0 ? [] : [{ count, atMs: firstMs + index * size }]));
  if (rows.length === 0) return html``;
  return html`<details>
    <summary>Numbers</summary>
    <table>
      <thead>
        <tr>
          <th scope="col">From (UTC)</th>
          <th scope="col" class="amount">Count</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ count, atMs }) =>
            html`<tr>
              <td>${new Date(atMs).toISOString().slice(0, 16).replace("T", " ")}</td>
              <td class="amount">${amount(count)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </details>`;
}

function largest(values: readonly number[], period: Period): string {
  const most = Math.max(0, ...values);
  return most === 0 ? "" : `, at most ${amount(most)} ${bucketNames[period]}`;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, count) => sum + count, 0);
}

/** `1,234`. */
export function amount(count: number): string {
  return count.toLocaleString("en");
}

import { html } from "../html.ts";
import { chart } from "../parts/chart.ts";
import { countsOf, type ConsolePage, type Visit } from "../visit.ts";

/** What this process did, in charts. */
export async function activityPage(visit: Visit): Promise<ConsolePage> {
  const counted = ["delivered", "received", "buried"] as const;
  const main = html`<h1>Activity</h1>
    <p class="remark">What this process did since it started; times are UTC. The metrics have all processes.</p>
    <h2>The last hour</h2>
    <div class="charts">${counted.map((each) => chart(countsOf(visit, each, "hour")))}</div>
    <h2>The last day</h2>
    <div class="charts">${counted.map((each) => chart(countsOf(visit, each, "day")))}</div>`;
  return { title: "Activity", main, isLive: true };
}

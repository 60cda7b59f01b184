/** The sum of a metric's series whose labels contain `labels`, e.g. `kind="slack"`; 0 when there is none. */
export function sumOf(metrics: string, name: string, labels = ""): number {
  const lines = metrics.split("\n").filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  const values = lines.filter((line) => line.includes(labels)).map((line) => Number(line.slice(line.lastIndexOf(" ") + 1)));
  return values.reduce((sum, value) => sum + value, 0);
}

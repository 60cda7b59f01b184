import { availableParallelism, cpus, release, totalmem, type } from "node:os";

/** One line that says where figures were taken: without it they mean nothing. */
export function describeMachine(): string {
  const gibibytes = Math.round(totalmem() / 1024 ** 3);
  return `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${gibibytes} GiB, ${type()} ${release()}, Node ${process.versions.node}`;
}

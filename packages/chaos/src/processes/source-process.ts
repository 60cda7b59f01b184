// The fake source as a process: answers each page after a moment, and fails now and then.
//
//   source-process <seed>
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { endWithParent, report } from "./report-to-parent.ts";

const longestAnswerMs = 90;
const failsOnceIn = 50;

const random = seededRandom(Number(process.argv[2] ?? 1));
const server = createServer((_request, response) => {
  const status = random() * failsOnceIn < 1 ? 503 : 200;
  setTimeout(() => response.writeHead(status, { "content-type": "application/json" }).end("{}"), random() * longestAnswerMs);
});
endWithParent();
server.listen(0, "127.0.0.1", () =>
  report({ type: "listening", url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
);

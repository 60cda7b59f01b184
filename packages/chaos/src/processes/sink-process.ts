// The fake Statewave as a process. It writes each stored row to a file before it answers.
//
//   sink-process <file of rows>
import { startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { endWithParent, report } from "./report-to-parent.ts";

const logPath = process.argv[2] ?? "";
endWithParent();
const { url } = await startFakeStatewave({ keep: "keys", compile: false, logPath });
report({ type: "listening", url });

// Starts the servers that the tests use, prints their URLs as shell assignments, and keeps them until Ctrl-C.
//
//   node scripts/test-services.mjs [postgres] [redis]
//
// With the printed variables set, `npm test` uses these instead of starting its own.
import { services, startServices } from "./test-services/services.mjs";

const names = process.argv.slice(2);
const wanted = services.filter(({ name }) => names.length === 0 || names.includes(name));
if (wanted.length === 0) {
  process.stderr.write(`usage: node scripts/test-services.mjs ${services.map(({ name }) => `[${name}]`).join(" ")}\n`);
  process.exitCode = 2;
} else {
  const stop = await startServices(wanted);
  for (const { variable } of wanted)
    if (process.env[variable] !== undefined) console.log(`export ${variable}=${process.env[variable]}`);
  // The servers' pipes keep no process running, so that tests may forget to stop them; here this process must stay.
  const stay = setInterval(() => undefined, 2 ** 30);
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, async () => {
      clearInterval(stay);
      await stop();
    });
  }
}

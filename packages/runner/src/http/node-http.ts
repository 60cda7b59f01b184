/** The module node:http. An ES import reads every export, and the WebSocket getters among them load all of Node's fetch: 25 ms of the start. */
export const { createServer, request, STATUS_CODES } = process.getBuiltinModule("node:http");

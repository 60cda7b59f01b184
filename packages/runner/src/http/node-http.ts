/**
 * The module node:http. An ES import of it reads every export, and its WebSocket getters load the whole of Node's fetch: 25 ms of the start
 * and 12 MiB.
 */
export const { createServer, request, STATUS_CODES } = process.getBuiltinModule("node:http");

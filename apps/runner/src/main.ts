#!/usr/bin/env node
import { isSupported } from "@statewave-connectors/cli/node-support";

if (isSupported) void import("./start.ts");

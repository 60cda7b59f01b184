#!/usr/bin/env node
import { isSupported } from "./node-support.ts";

if (isSupported) void import("./start.ts");

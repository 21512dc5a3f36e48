#!/usr/bin/env node
// Runs a plugin's entry, an ordinary MCP server over stdio, so that whatever the plugin does, the protocol and the process stay in
// order: what it prints goes to stderr, it ends with its client, and what it wants to keep is handed to the one that follows it.
//
//   runner.js --entry FILE [--state FILE]
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { endWithClient } from "../lifetime.js";
import { guardStdout } from "./guarded-stdout.js";
import { Handover } from "./handover.js";

const { entry, state } = parseArgs({ options: { entry: { type: "string" }, state: { type: "string" } } }).values;
if (entry === undefined) {
  process.stderr.write("Name the plugin's entry: runner.js --entry FILE.\n");
  process.exit(2);
}

const handover = new Handover(state);
guardStdout();
endWithClient(() => handover.give());
process.setSourceMapsEnabled(true);
process.argv.splice(1, process.argv.length, entry); // as if the entry had been started by itself

// What the one before has left is taken in before anything is served: until then the client's first message waits.
const left = handover.take();
if (left !== undefined) process.stdin.pause();
handover.plugin = (await import(pathToFileURL(entry).href)) as Readonly<Record<string, unknown>>; // as every module is
if (left !== undefined) {
  await handover.reload(left.state);
  process.stdin.resume();
}

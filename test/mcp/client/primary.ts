// A primary to be killed: starts the MCP branch with one server that ends for nothing less than SIGKILL, and says on stdout who
// runs. Arguments: the hostile server's file, then its flags.
import { getState } from "../../../src/supervision/index.js";
import { hostileServer, startBranch, startRecorder } from "./tree.js";

const watcher = await startRecorder();
const { manager, minder } = await startBranch([]);
await manager.call.subscribe(watcher);
await manager.call.setServers([hostileServer([], { args: process.argv.slice(2), graceMs: 5_000 })]);
await watcher.call.event("up");
const { wrapper } = await manager.call.route("bad.pids");
const [answer] = (await wrapper.call.callTool("pids", {})).content;
const pids: unknown = JSON.parse(answer?.type === "text" ? answer.text : "");
console.log(JSON.stringify({ pids, minder: await getState(minder) }));

// What needs Node: importing this makes isolation in threads and processes, and `blame`, available to the whole program.
import { registerBlame } from "../blame.js";
import { registerIsolation } from "../isolation.js";
import { blameHost } from "./blame.js";
import { isolate } from "./isolated.js";

registerIsolation(isolate);
registerBlame(blameHost);

export { type SignalOptions, stopOnSignals } from "./signals.js";
export { transfer } from "./transfer.js";

// The framework's public face: `import { GenServer, Supervisor } from "banyan"`.
export {
  countChildren,
  deleteChild,
  getChildSpec,
  restartChild,
  startChild,
  terminateChild,
  whichChildren,
} from "./admin.js";
export { Application } from "./application.js";
export { type ChildOptions, child } from "./child.js";
export type { Backoff, ChildSpec, Overflow, Restart, Shutdown, Strategy } from "./child-spec.js";
export type { Clock } from "./clock.js";
export { DynamicSupervisor, type DynamicSupervisorOptions } from "./dynamic-supervisor.js";
export { BanyanError, type ErrorKind, messageOf } from "./errors.js";
export { describeReason, type ExitReason, isClean } from "./exit-reason.js";
export { ExplorationError, type ExploreOptions, explore } from "./explore.js";
export { GenServer } from "./gen-server.js";
export { CallError, type CallFailure } from "./messages.js";
export { type Failure, failure, ignore, type NoReply, noReply, type Stop, stop } from "./outcomes.js";
export { type CallOptions, exit, monitor, type Named, named, type Pid, type Ref, send, whereis } from "./ref.js";
export type { ProcessInfo, ProcessStatus, Report, ReportName, TreeNode } from "./reports.js";
export type { Result } from "./result.js";
export { currentRuntime, enterRuntime, Runtime } from "./runtime.js";
export { type Down, type Exit, type From, isDown, isExit, StartError, type StartOptions } from "./server.js";
export { SimulationError, type SimulationOptions, simulate } from "./simulate.js";
export { type Faults, InjectedCrash, SimulatedRuntime } from "./simulated-runtime.js";
export {
  type AutoShutdown,
  type ChildCounts,
  type ChildRow,
  Supervisor,
  SupervisorDataError,
  type SupervisorOptions,
} from "./supervisor.js";
export { getState, replaceState, resume, stopProcess, suspend } from "./system.js";
export { condition, inspect, renderTree, type TreeLine, treeLines, treeOf } from "./tree.js";

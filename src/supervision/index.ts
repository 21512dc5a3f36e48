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
export { GenServer } from "./gen-server.js";
export { CallError, type CallFailure } from "./messages.js";
export { type Failure, failure, ignore, type NoReply, noReply, type Stop, stop } from "./outcomes.js";
export type { Status } from "./process.js";
export type { TracedMessage, TraceEvent } from "./process-events.js";
export { type CallOptions, exit, monitor, type Named, named, type Pid, type Ref, send, whereis } from "./ref.js";
export type { ProcessInfo, ProcessStatus, Report, ReportName, TreeNode } from "./reports.js";
export {
  checkResponse,
  type LabelledResponse,
  type RequestId,
  RequestIds,
  type Response,
  receiveResponse,
  sendRequest,
  waitResponse,
} from "./requests.js";
export type { Result } from "./result.js";
export { currentRuntime, enterRuntime, Runtime } from "./runtime.js";
export { type Down, type Exit, type From, isDown, isExit, StartError, type StartOptions } from "./server.js";
export {
  type AutoShutdown,
  type ChildCounts,
  type ChildRow,
  Supervisor,
  SupervisorDataError,
  type SupervisorOptions,
} from "./supervisor.js";
export {
  getState,
  getStatus,
  type ProcessStatusReport,
  replaceState,
  resume,
  stopProcess,
  suspend,
} from "./system.js";
export { getLog, logEvents, type Statistics, statistics, trace } from "./trace.js";
export { condition, inspect, renderTree, type TreeLine, treeLines, treeOf } from "./tree.js";

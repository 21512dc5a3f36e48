// The framework's public face: `import { GenServer, Supervisor } from "banyan"`.
export {
  countChildren,
  deleteChild,
  getChildSpec,
  restartChild,
  startChild,
  terminateChild,
  whichChild,
  whichChildren,
} from "./admin.js";
export { AlreadyStarted } from "./already-started.js";
export { Application, type ApplicationOptions } from "./application.js";
export type { Status } from "./behaviour.js";
export { type ChildOptions, checkChildSpecs, child } from "./child.js";
export type {
  AutoShutdown,
  Backoff,
  ChildSpec,
  Isolation,
  IsolationSettings,
  Overflow,
  Restart,
  Shutdown,
  Strategy,
} from "./child-spec.js";
export type { Clock } from "./clock.js";
export { DynamicSupervisor, type DynamicSupervisorOptions } from "./dynamic-supervisor.js";
export { BanyanError, type ErrorKind, messageOf } from "./errors.js";
export { describeReason, type ExitReason, isClean } from "./exit-reason.js";
export { ExplorationError, type ExploreOptions, explore } from "./explore.js";
export { type FormatOptions, formatReport } from "./format-report.js";
export { GenServer } from "./gen-server.js";
export { type GroupMessage, isGroupMessage } from "./group-table.js";
export { IsolationError, type IsolationFailure } from "./isolation.js";
export { CallError, type CallFailure } from "./messages.js";
export { type Failure, failure, ignore, type NoReply, noReply, type Stop, startedWith, stop } from "./outcomes.js";
export { PartitionSupervisor, type PartitionSupervisorOptions, partition } from "./partition-supervisor.js";
export { plainJson, plainText } from "./plain-text.js";
export type { TracedMessage, TraceEvent } from "./process-events.js";
export { ProcessGroup } from "./process-group.js";
export { type CallOptions, exit, monitor, type Named, named, type Pid, type Ref, send, whereis } from "./ref.js";
export { Registry, type RegistryEntry } from "./registry.js";
export { isRegistryMessage, type RegistryMessage, type RegistryOptions } from "./registry-table.js";
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
export { type Down, type Exit, type From, isDown, isExit, type Self, StartError, type StartOptions } from "./server.js";
export { SimulationError, type SimulationOptions, simulate } from "./simulate.js";
export { type Faults, InjectedCrash, SimulatedRuntime } from "./simulated-runtime.js";
export {
  type ChildCounts,
  type ChildRow,
  type StartResult,
  Supervisor,
  type SupervisorOptions,
} from "./supervisor.js";
export { SupervisorDataError } from "./supervisor-limits.js";
export {
  getState,
  getStatus,
  type ProcessStatusReport,
  replaceState,
  resume,
  stopProcess,
  suspend,
} from "./system.js";
export {
  isTaskReply,
  Task,
  type TaskFunction,
  type TaskReply,
  type TaskResult,
  type TaskSelf,
  type Tasks,
} from "./task.js";
export type { StreamOptions, StreamResult, TaskStream } from "./task-stream.js";
export { type TaskOptions, TaskSupervisor } from "./task-supervisor.js";
export { getLog, logEvents, type Statistics, statistics, trace } from "./trace.js";
export {
  condition,
  hasMethod,
  inspect,
  linksOf,
  type Place,
  placeOf,
  renderTree,
  type TreeLine,
  treeLines,
  treeOf,
} from "./tree.js";

// A tool host as the app has it, with real processes, and the official SDK client connected to it.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import type { RequestOptions } from "@modelcontextprotocol/sdk/shared/protocol.js";
import { CallToolResultSchema, ToolListChangedNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { expect } from "vitest";
import { Store } from "../../src/actors/store/store.js";
import type { RecordedNotification } from "../../src/mcp/client/notification-handler.js";
import { NotificationHandler } from "../../src/mcp/client/notification-handler.js";
import { openToolHost } from "../../src/mcp/host/host-front.js";
import type { ToolHostStatus, ToolSet } from "../../src/mcp/host/host-status.js";
import type { ToolHostSettings } from "../../src/mcp/host/tool-host-settings.js";
import { serverNames, serverTree } from "../../src/mcp/server-tree.js";
import { Application, child, named } from "../../src/supervision/index.js";

export interface Answer {
  readonly text: string;
  readonly isError: boolean;
  /** The code of the error, where there is one. */
  readonly code: string | undefined;
}

export interface RunningHost {
  readonly client: Client;
  /** How often the client was told that the tools are others. */
  changes(): number;
  call(tool: string, args?: Record<string, unknown>, options?: RequestOptions): Promise<Answer>;
  /** Makes a tool of the body of a handler. */
  make(name: string, handler: string, more?: string): Promise<Answer>;
  toolNames(): Promise<string[]>;
  status(): Promise<ToolHostStatus>;
  /** Resolves once a set has an active process and, where wanted, a spare, both ready. */
  ready(set: ToolSet, processes: number): Promise<void>;
  told(): Promise<string[]>;
  stop(): Promise<void>;
}

const names = { store: named<Store>("Store"), notifications: named<NotificationHandler>("NotificationHandler") };

/** Short limits, so that a test of them is; the time of a call but where it is to be over. */
const SETTINGS: ToolHostSettings = {
  callTimeoutMs: 60_000,
  maxMemoryBytes: 192 * 1_048_576,
  healthyMs: 300,
  restarts: 5,
  spare: true,
  maxLineBytes: 1_048_576,
};

export async function startToolHost(home: string, settings: Partial<ToolHostSettings> = {}): Promise<RunningHost> {
  const paths = { data: join(home, "data"), state: join(home, "state") };
  const project = join(home, "project");
  for (const folder of [paths.data, paths.state, project]) mkdirSync(folder, { recursive: true });
  const { store, notifications } = names;
  const app = await Application.start({
    strategy: "one_for_one",
    children: [
      child(Store, { file: join(paths.data, "test.db") }, { name: store }),
      child(NotificationHandler, { store, project, run: "test" }, { name: notifications }),
      ...serverTree({
        ...{ servers: [], version: "0.0.0", project, paths, store, notifications },
        authorizerOf: async () => undefined,
        toolHost: { ...SETTINGS, ...settings },
      }),
    ],
  });
  const { toolHost, hostProcesses } = serverNames;
  const client = new Client({ name: "a test", version: "1" });
  let changes = 0;
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => void changes++);
  await client.connect(await openToolHost(toolHost, hostProcesses, "0.0.0")());
  await client.listTools();
  const call: RunningHost["call"] = async (tool, args = {}, options = {}) => {
    const params = { name: tool, arguments: args };
    const result = CallToolResultSchema.parse(await client.callTool(params, undefined, options));
    const text = result.content.map((block) => (block.type === "text" ? block.text : "")).join("\n");
    const error = result.structuredContent?.error ?? result.structuredContent;
    const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : undefined;
    return { text, isError: result.isError === true, code };
  };
  return {
    client,
    changes: () => changes,
    call,
    make: (name, handler, more) => call("create_tool", { name, code: moduleOf(name, handler, more), replace: true }),
    toolNames: async () => (await client.listTools()).tools.map(({ name }) => name),
    status: () => toolHost.call.status(),
    ready: (set, count) =>
      expect
        .poll(async () => {
          const { processes } = await toolHost.call.status();
          return processes.filter((one) => one.set === set && one.state === "ready").length;
        })
        .toBe(count),
    told: async () => {
      const recorded = await notifications.call.query({ categories: ["log"] });
      return recorded.map(({ notification }: RecordedNotification) =>
        notification.type === "log" ? String(notification.data) : "",
      );
    },
    stop: () => app.stop(),
  };
}

export function moduleOf(name: string, handler: string, more = ""): string {
  return `export default {
  name: "${name}",
  description: "A tool that a test has made for itself.",
  input: { type: "object", properties: { ms: { type: "number" }, text: { type: "string" } } },
  async handler({ ms = 0, text = "" }, { progress, signal }) { ${handler} },
  ${more}
};
`;
}

/** As an editor writes it. */
export function writeTool(home: string, name: string, code: string): void {
  const folder = join(home, "data", "tools");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.js`), code);
}

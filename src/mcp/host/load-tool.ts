// Bringing one dynamic tool into a host process and out of it: the program's own requests for that, and what it answers, checked.
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { BanyanError } from "../../supervision/errors.js";
import { ServerProtocolError } from "../client/errors.js";
import type { ToolInfo, ToolResult } from "../client/mcp-types.js";
import { optional } from "../client/sdk-shapes.js";
import type { HostProcess } from "./host-process.js";
import type { StagedTool } from "./library/versions.js";

/** The program says why it does not take the tool. Any other error is the end of the process. */
export class LoadRefusedError extends BanyanError {
  constructor(sentence: string) {
    super("tool_refused", sentence, { kind: "module" });
  }
}

/** Milliseconds that a module may take to be loaded; with its own tests it may take longer. */
const LOAD_MS = 5_000;
const TESTS_MS = 20_000;
/** A process that says nothing for so long while it loads hangs, whatever time it has: a loop ends neither by itself. */
const SILENT_MS = 3_000;
const ASK_EVERY_MS = 250;

const definition = z.object({
  name: z.string(),
  title: z.string().optional(),
  description: z.string(),
  inputSchema: z.record(z.string(), z.unknown()),
  annotations: z
    .object({
      title: z.string().optional(),
      readOnlyHint: z.boolean().default(false),
      destructiveHint: z.boolean().default(true),
      idempotentHint: z.boolean().default(false),
      openWorldHint: z.boolean().default(true),
    })
    .prefault({}),
});

/** Loads the tool, or another code of one that is loaded. `test`: its own tests are run, and must pass. */
export async function loadTool(process: HostProcess, tool: StagedTool, test: boolean): Promise<ToolInfo> {
  const { name, file, hash } = tool;
  const time = test ? TESTS_MS : LOAD_MS;
  const result = await asked(process, "banyan:load", { name, file, hash, test }, time);
  if (result.isError) throw new LoadRefusedError(textOf(result));
  const found = definition.safeParse(result.structuredContent);
  if (!found.success) throw new LoadRefusedError(`${name} was loaded, but what it is was not understood.`);
  const { title, annotations, ...rest } = found.data;
  const info: ToolInfo = {
    ...rest,
    ...optional({ title: title ?? annotations.title }),
    annotations: {
      ...optional({ title: annotations.title }),
      readOnly: annotations.readOnlyHint,
      destructive: annotations.destructiveHint,
      idempotent: annotations.idempotentHint,
      openWorld: annotations.openWorldHint,
    },
    revision: hash,
  };
  process.loaded.set(name, hash);
  process.infos.set(name, info);
  return info;
}

export async function unloadTool(process: HostProcess, name: string): Promise<void> {
  await asked(process, "banyan:unload", { name }, LOAD_MS);
  process.loaded.delete(name);
  process.infos.delete(name);
}

/** A process that does not answer in time hangs in what it was asked for, and is ended. */
async function asked(
  process: HostProcess,
  name: string,
  args: { readonly [key: string]: unknown },
  timeoutMs: number,
): Promise<ToolResult> {
  const tool = String(args.name);
  process.loading = tool;
  const done = new AbortController();
  void endIfSilent(process, tool, done.signal);
  try {
    return await process.request(name, args, timeoutMs);
  } catch (error) {
    if (error instanceof ServerProtocolError) throw new LoadRefusedError(error.message);
    process.end(`it did not come back from loading the tool ${tool}`);
    throw error;
  } finally {
    done.abort();
    process.loading = undefined;
  }
}

/** Asks again and again whether it lives, until the signal. */
async function endIfSilent(process: HostProcess, tool: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(ASK_EVERY_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    const isAlive = await process.isAlive(SILENT_MS);
    if (!isAlive && !signal.aborted) process.end(`it hung while it loaded the tool ${tool}`);
  }
}

function textOf({ content }: ToolResult): string {
  const [first] = content;
  return first?.type === "text" ? first.text : "It was refused without a word.";
}

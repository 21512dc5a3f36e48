// `banyan` and `banyan -p`: sets up what the tree needs, starts it, and stays until it ends.
import { text } from "node:stream/consumers";
import { resolveReferences } from "../actors/config/references.js";
import type { Settings } from "../actors/config/schema.js";
import { type BanyanOptions, names, startBanyan } from "../application.js";
import { commandNames } from "../chat/chat.js";
import { selectModel } from "../llm/select.js";
import { configuredServers } from "../mcp/client/configured-servers.js";
import {
  type Application,
  BanyanError,
  type ChildSpec,
  child,
  monitor,
  plainText,
  startChild,
} from "../supervision/index.js";
import { InputHistory } from "./input-history.js";
import { Life } from "./life.js";
import type { ChatCommandOptions } from "./options.js";
import { setUp } from "./settings.js";
import { warn } from "./warn.js";

const MAX_PROMPT_BYTES = 10 * 1024 * 1024;

export async function runChat(options: ChatCommandOptions, version: string): Promise<void> {
  const { paths, request, loaded } = await setUp(options);
  const prompt = await promptOf(options);
  const life = new Life();
  const { provider, reason } = await selectModel({
    flag: options.model,
    configured: loaded.config.model,
    env: process.env,
    providers: providersOf(loaded.config),
    stallTimeoutMs: loaded.config.providers.openai.stall_timeout,
  });
  const { servers, problems } = configuredServers(loaded.config, process.env);
  const shared: Omit<BanyanOptions, "screen" | "interactive"> = {
    paths,
    loaded,
    request,
    servers,
    provider,
    project: process.cwd(),
    resume: options.resume === true ? "newest" : options.resume,
    allow: options.yes ? ["*"] : (options.allow ?? []),
    version,
  };
  const history = new InputHistory(shared.project, loaded.config.ui.history_size);
  const print = prompt === undefined ? undefined : await printer(options, prompt, life);
  const screen = print === undefined ? [await screenSpec(loaded.config, life, history)] : [];
  const app = await startBanyan({ ...shared, screen, interactive: print === undefined });
  const { chat } = names;
  const { notices } = await names.store.call.status();
  for (const notice of [...notices, ...problems]) chat.cast.note("warn", notice);
  const pending = loaded.pendingApproval;
  if (pending !== undefined) {
    chat.cast.note(
      "warn",
      `${pending.file} is not in force yet, for it would start programs; look at it, then run banyan config approve.`,
    );
  }
  if (print === undefined) {
    await history.load();
    chat.cast.note("info", `Model: ${provider.id}. ${reason}`);
  } else await runPrinter(app, print, life);
  await life.run(app);
}

async function screenSpec({ ui }: Settings, life: Life, history: InputHistory): Promise<ChildSpec> {
  const { TUI } = await import("../ui/tui.js");
  return child(
    TUI,
    {
      chat: names.chat,
      draft: history.draft,
      background: ui.theme,
      commands: () => commandNames,
      onLine: (line) => history.add(line),
      onQuit: () => life.end(0),
    },
    { name: names.screen, shutdown: 1_000 },
  );
}

/** A printer that ends without having said so has crashed. */
async function runPrinter({ supervisor }: Application, printer: ChildSpec, life: Life): Promise<void> {
  const started = await startChild(supervisor, printer);
  if ("ok" in started && started.ok !== undefined) monitor(started.ok, () => life.end(1));
  else life.end(1);
}

/** The one message to answer, or undefined for the chat on the screen. */
async function promptOf(options: ChatCommandOptions): Promise<string | undefined> {
  if (typeof options.print === "string") return checkedPrompt(options.print);
  if (options.print === undefined && process.stdin.isTTY) return undefined;
  return checkedPrompt(await text(process.stdin));
}

function checkedPrompt(prompt: string): string {
  if (prompt.trim() === "") throw new BanyanError("no_prompt", 'Nothing was asked; write banyan -p "your question".');
  if (Buffer.byteLength(prompt) > MAX_PROMPT_BYTES) {
    throw new BanyanError(
      "prompt_too_long",
      "The message is longer than 10 MB; name a file for the tools to read instead.",
    );
  }
  return prompt.replace(/\r?\n$/, "");
}

async function printer({ output }: ChatCommandOptions, prompt: string, life: Life): Promise<ChildSpec> {
  const { Printer } = await import("../chat/print.js");
  process.stdout.on("error", () => life.end(1)); // whoever read it is gone
  return child(
    Printer,
    {
      chat: names.chat,
      session: names.session,
      prompt,
      format: output,
      // JSON, and text that is piped on, are exact; a terminal is not to act on what a model or a tool wrote.
      write: (part) => void process.stdout.write(output === "text" && process.stdout.isTTY ? plainText(part) : part),
      warn,
      done: (ok) => life.end(ok ? 0 : 1),
    },
    { restart: "temporary" },
  );
}

function providersOf({ providers }: Settings) {
  const { openai, ollama } = providers;
  return {
    openai: {
      baseUrl: openai.base_url,
      apiKey: openai.api_key === undefined ? undefined : resolveReferences(openai.api_key, process.env),
    },
    ollama: { baseUrl: ollama.base_url },
  };
}

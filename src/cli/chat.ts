// `banyan` and `banyan -p`: sets up what the tree needs, starts it, and stays until it ends.
import { pendingNotice } from "../actors/config/approval.js";
import type { Settings } from "../actors/config/schema.js";
import { pooledFetch } from "../actors/pools/configured.js";
import type { Profile } from "../actors/startup/profile-table.js";
import { StartupClock } from "../actors/startup/startup-clock.js";
import { keepSecretsOf } from "../actors/telemetry/redact.js";
import { type BanyanOptions, names, startBanyan } from "../application.js";
import { modelsOf } from "../llm/models.js";
import { ModelChoiceError, type SelectOptions, selectFallback, selectModel } from "../llm/select.js";
import { configuredServers } from "../mcp/client/configured-servers.js";
import {
  type Application,
  BanyanError,
  type ChildSpec,
  child,
  describeReason,
  monitor,
  plainText,
  startChild,
} from "../supervision/index.js";
import { Life } from "./life.js";
import { providersOf } from "./models.js";
import type { ChatCommandOptions } from "./options.js";
import { askedBy, promptOf } from "./prompt.js";
import { setUp } from "./settings.js";
import { warn } from "./warn.js";

/** What the command line said besides its options, and what it might have meant. */
interface Words {
  readonly operands: readonly string[];
  readonly commands: readonly string[];
}

export async function runChat(options: ChatCommandOptions, words: Words, version: string): Promise<void> {
  const clock = new StartupClock();
  clock.mark("node and imports");
  const { message, allow } = askedBy(options, words.operands, words.commands);
  const { paths, request, loaded } = await setUp(options);
  keepSecretsOf(process.env);
  clock.mark("settings");
  const { server } = loaded.config;
  if (server.stdio && message === undefined && process.stdin.isTTY !== true)
    return (await import("./serve.js")).serve({ ...options, stdio: true, auth: true }, version);
  const prompt = await promptOf(message, options, process.stdin);
  const life = new Life();
  const select: SelectOptions = {
    flag: options.model,
    configured: loaded.config.model,
    env: process.env,
    providers: providersOf(loaded.config, process.env),
    fetchFor: (baseUrl) => pooledFetch(loaded.config.pools, baseUrl),
  };
  const { provider, reason } = await selectModel(select).catch((error: unknown) => {
    // What the user has just typed is wrong usage; what a file says is not.
    const typed = options.model !== undefined && error instanceof ModelChoiceError;
    throw typed ? new BanyanError("usage", error.message, { cause: error }) : error;
  });
  const fallback = await selectFallback(loaded.config.fallback, provider, select);
  clock.mark("model");
  // Servers come and go while the app runs; the pools are those of its start.
  const { pools } = loaded.config;
  const serversOf = (settings: Settings) => configuredServers({ ...settings, pools }, process.env);
  const shared: Omit<BanyanOptions, "screen" | "interactive" | "longLived" | "profiler"> = {
    paths,
    loaded,
    request,
    serversOf,
    provider,
    models: modelsOf(select, fallback.providers),
    project: process.cwd(),
    resume: options.resume,
    allow: options.yes ? ["*"] : allow,
    startup: clock,
    version,
  };
  const print = prompt === undefined ? undefined : await printer(options, prompt, message?.length ?? 0, life);
  const interactive = print === undefined;
  const screen = interactive ? [await screenSpec(loaded.config, life, clock)] : [];
  const profiler = loaded.config.startup.profile ? [await profilerSpec(clock, interactive, options.json === true)] : [];
  clock.mark("chat loaded");
  const app = await startBanyan({ ...shared, profiler, screen, interactive, longLived: interactive });
  clock.mark("tree");
  const { chat } = names;
  for (const problem of [...serversOf(loaded.config).problems, ...fallback.problems]) chat.cast.note("warn", problem);
  if (loaded.pendingApproval !== undefined) chat.cast.note("warn", pendingNotice(loaded.pendingApproval));
  if (print === undefined) {
    chat.cast.note("info", `Model: ${provider.id}. ${reason}`);
    await tellResumed();
    if (server.stdio) chat.cast.note("warn", STDIO_TAKEN);
    if (server.http) await (await import("./chat-server.js")).serveBesideChat({ loaded, version });
  } else await runPrinter(app, print, life);
  const { durable } = await names.store.call.status();
  const kept = "What reached the disk is kept; go on with banyan --resume.";
  await life.run(app, durable ? kept : "Nothing of this conversation was kept, for the database could not be used.");
}

const STDIO_TAKEN =
  "server.stdio is left aside: the chat has the terminal for itself. A program that wants a server over stdin and stdout starts banyan serve --stdio.";

/** Which conversation goes on: the newest may be open elsewhere. */
async function tellResumed(): Promise<void> {
  const { messages, from, name, resumed } = await names.session.call.view();
  const last = messages.at(-1);
  if (!resumed || last === undefined) return;
  const when = new Date(last.at).toLocaleString("sv");
  names.chat.cast.note(
    "info",
    `Going on with ${name ?? "the conversation"} of ${when}: ${from + messages.length} messages.`,
  );
}

const PAINTED = "first paint";
/** Who leaves waits no longer than that, in milliseconds. */
const LEAVING_MS = 500;

/** The table is printed at the very end, when it spoils no screen. */
async function profilerSpec(clock: StartupClock, painted: boolean, json: boolean): Promise<ChildSpec> {
  const [{ StartupProfiler }, { profileTable }] = await Promise.all([
    import("../actors/startup/startup-profiler.js"),
    import("../actors/startup/profile-table.js"),
  ]);
  const { profiler: name, servers } = names;
  const print = (profile: Profile): void => {
    const text = json ? `${JSON.stringify({ startup: profile })}\n` : `\n${profileTable(profile)}`;
    process.once("exit", () => process.stderr.write(text));
  };
  const options = { name, clock, servers, last: painted ? [PAINTED] : [], print };
  return child(StartupProfiler, options, { name, restart: "temporary", shutdown: 1_000 });
}

async function screenSpec({ ui }: Settings, life: Life, clock: StartupClock): Promise<ChildSpec> {
  const [{ TUI }, { Draft }] = await Promise.all([import("../ui/tui.js"), import("../ui/draft.js")]);
  return child(
    TUI,
    {
      chat: names.chat,
      draft: new Draft([], ui.history_size),
      lineEditor: names.lineEditor,
      look: ui,
      config: names.config,
      feed: names.feed,
      onPainted: () => clock.mark(PAINTED),
      onQuit: () => void leave(life),
    },
    { name: names.screen, shutdown: 1_000 },
  );
}

/** Whoever leaves a conversation is told how to come back to it, as the last word on the terminal. */
async function leave(life: Life): Promise<void> {
  const soon = { timeout: LEAVING_MS };
  const known = Promise.all([names.session.with(soon).call.view(), names.store.with(soon).call.status()]);
  const kept = await known.then(
    ([{ messages }, { durable }]) => durable && messages.length > 0,
    () => false,
  );
  if (kept) process.once("exit", () => process.stdout.write("\nTo go on with this conversation: banyan --resume\n"));
  life.end(0);
}

/** A printer that ends without having said so has crashed. */
async function runPrinter({ supervisor }: Application, printer: ChildSpec, life: Life): Promise<void> {
  const started = await startChild(supervisor, printer);
  if ("ok" in started && started.ok !== undefined)
    monitor(started.ok, (reason) => {
      if (reason === "shutdown") return; // the whole tree ends, which says why itself
      warn(`the answer was broken off: ${describeReason(reason)}`);
      life.end(1);
    });
  else life.end(1);
}

async function printer(
  { output, json }: ChatCommandOptions,
  prompt: string,
  typed: number,
  life: Life,
): Promise<ChildSpec> {
  const { Printer } = await import("../chat/print.js");
  process.stdout.on("error", () => life.end(1)); // whoever read it is gone
  const format = output ?? (json ? "json" : "text");
  return child(
    Printer,
    {
      chat: names.chat,
      session: names.session,
      prompt,
      typed,
      format,
      // JSON, and text that is piped on, are exact; a terminal is not to act on what a model or a tool wrote.
      write: (part) => void process.stdout.write(format === "text" && process.stdout.isTTY ? plainText(part) : part),
      warn,
      done: (ok) => life.end(ok ? 0 : 1),
    },
    { restart: "temporary" },
  );
}

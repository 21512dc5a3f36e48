// The slash commands that are typed: runs them, with what they may ask, and what aliases stand for.
import { again } from "../actors/again.js";
import { redactAll } from "../actors/telemetry/redact.js";
import { BanyanError, messageOf, type Ref, treeOf } from "../supervision/index.js";
import type { Approvals } from "./approvals.js";
import type { ChatOptions } from "./chat-options.js";
import type { ChosenModel } from "./chosen-model.js";
import type { CommandContext } from "./command.js";
import { promptCommand } from "./commands/prompt-commands.js";
import type { SessionContext } from "./commands/session-commands.js";
import { parseCommand } from "./commands.js";
import type { ChatEvent } from "./events.js";
import { promptNamed } from "./named-prompts.js";
import type { OpenSession } from "./open-session.js";
import type { ShownItems } from "./shown-items.js";
import type { Turns } from "./turns.js";

export interface TypedCommandsHost {
  readonly options: ChatOptions;
  readonly session: OpenSession;
  readonly shown: ShownItems;
  readonly turns: Turns;
  readonly approvals: Approvals;
  readonly model: ChosenModel;
  use<T>(ref: Ref<T>): Ref<T>;
  emit(event: ChatEvent): void;
  /** To the screens that show views; false: there is none. */
  toViewers(event: ChatEvent): boolean;
  showStatus(): void;
  /** Takes one line of what an alias stands for as if it had been typed. */
  submit(line: string): Promise<void>;
}

/** The manager watches how long the start may take. */
const PATIENTLY = { timeout: Number.POSITIVE_INFINITY };

export class TypedCommands {
  constructor(private readonly host: TypedCommandsHost) {}

  /** Runs a command, what an alias stands for, or a server's prompt; false when the line is none of these. */
  async run(line: string): Promise<boolean> {
    const parsed = parseCommand(line);
    if (parsed === undefined) return (await this.alias(line)) || (await this.prompt(line));
    const { command, rest } = parsed;
    if (command.view !== undefined && rest.trim() === "" && this.host.toViewers({ type: "view", view: command.view }))
      return true;
    if (!("run" in command) || ("ask" in command && command.waits(rest))) {
      await this.host.turns.run(command, line, rest);
      return true;
    }
    const { servers, interactive } = this.host.options;
    if (command.settled && !interactive) await again(() => this.host.use(servers).with(PATIENTLY).call.settled());
    try {
      const text = await command.run(this.context(), rest);
      if (text !== undefined) this.host.shown.output(line, text);
    } catch (error) {
      if (!(error instanceof BanyanError)) throw error;
      this.host.shown.notice("error", messageOf(error));
    }
    return true;
  }

  /** What an alias stands for, as if it had been typed line by line. */
  private async alias(line: string): Promise<boolean> {
    const { options, use, shown, submit } = this.host;
    let lines: string[] | undefined;
    try {
      lines = await again(() => use(options.aliases).call.expand(line));
    } catch (error) {
      if (!(error instanceof BanyanError)) throw error;
      shown.notice("error", messageOf(error));
      return true;
    }
    // Nothing in them is an alias any more.
    for (const each of lines ?? []) await submit(each);
    return lines !== undefined;
  }

  private async prompt(line: string): Promise<boolean> {
    const { options, use, turns } = this.host;
    const [, word = "", rest = ""] = /^\/(\S+)\s*([\s\S]*)$/.exec(line) ?? [];
    const known = promptNamed(word, await again(() => use(options.aggregator).call.prompts()));
    // Of a server that is only coming up nothing may be known yet: then the command waits for it, and says what it has.
    const name = known?.name ?? ((await this.isOfServer(word)) ? word : undefined);
    if (name === undefined) return false;
    await turns.run(promptCommand, line, `${name} ${rest}`);
    return true;
  }

  private async isOfServer(word: string): Promise<boolean> {
    const { options, use } = this.host;
    const servers = await again(() => use(options.servers).call.status());
    return servers.some(({ name }) => word.startsWith(`${name}.`));
  }

  private context(): CommandContext {
    const { options, session, shown, approvals, model, use, emit, toViewers } = this.host;
    const { router, root } = options;
    return {
      names: options,
      use,
      servers: () => again(() => use(options.servers).call.status()),
      tools: async () => router.visible(await again(() => use(options.aggregator).call.tools())),
      tree: () => redactAll(treeOf(root)),
      health: () => again(() => use(options.health).call.health()),
      aliases: use(options.aliases),
      usage: () => session.usage,
      thinking: () => shown.lastThinking,
      sessions: this.sessions(),
      running: () => shown.running,
      clear: async () => void (await this.changeSession("/clear", () => use(options.session).call.clear())),
      notifications: use(options.notifications),
      showPanels: (panels) => toViewers({ type: "panels", panels }),
      approvals,
      breaker: use(options.breaker),
      model: model.id,
      turns: this.turns(),
      draft: (text) => emit({ type: "draft", text }),
      quit: () => emit({ type: "quit" }),
    };
  }

  private turns(): CommandContext["turns"] {
    const { turns, session } = this.host;
    return {
      busy: turns.busy,
      queued: turns.queued,
      again: () => turns.again(),
      sayInstead: (text) => turns.sayInstead(text),
      takeBack: () => turns.takeBack(),
      cancel: () => turns.cancel(),
      last: async () => (await session.last())?.text,
    };
  }

  private sessions(): SessionContext {
    const { options, turns, use } = this.host;
    const session = use(options.session);
    return {
      session,
      database: use(options.store),
      project: options.project,
      busy: turns.busy,
      goOnWith: (reference) => this.changeSession("/resume", () => session.call.resume(reference)),
    };
  }

  /** False, and said, when it could not. */
  private async changeSession(command: string, take: () => Promise<unknown>): Promise<boolean> {
    const { session, shown, turns, showStatus } = this.host;
    if (turns.busy) {
      shown.notice("warn", `An answer is being written; press Esc first, then ${command}.`);
      return false;
    }
    const changed = await session.change(take);
    if (!changed) return false;
    await turns.recover();
    showStatus();
    return true;
  }
}

// `banyan completion SHELL`: a script for the shell, made from the commands and options as they are, so that it cannot lag behind
// them. It is plain data and a few lines of the shell's own language: no key press starts Banyan.
import type { Argument, Command, Option } from "commander";
import { z } from "zod";
import { configSchema, required, settingsIn } from "../actors/config/schema.js";
import { bashScript } from "./completion/bash.js";
import type { CompletedCommand, CompletedOption, Values } from "./completion/completed.js";
import { fishScript } from "./completion/fish.js";
import { zshScript } from "./completion/zsh.js";

export type Shell = "bash" | "zsh" | "fish";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };
/** What is named after the colon only the providers know. */
const MODELS = ["offline", "anthropic:", "openai:", "ollama:", "local:"];

export function printCompletion(program: Command, shell: Shell): void {
  process.stdout.write(SCRIPTS[shell](completedCommands(program)));
}

/** Every command, parents first. */
export function completedCommands(command: Command, path: readonly string[] = []): CompletedCommand[] {
  const help = command.createHelp();
  const children = help.visibleCommands(command);
  const own: CompletedCommand = {
    path,
    commands: children.map((child) => ({ name: child.name(), description: child.description() })),
    options: help.visibleOptions(command).map(completedOption),
    argument: command.registeredArguments[0] === undefined ? [] : valuesOf(command.registeredArguments[0]),
  };
  const below = children.flatMap((child) => completedCommands(child, [...path, child.name()]));
  // `help` takes the name of any command beside it.
  const named = below.map((each) => (each.path.at(-1) === "help" ? { ...each, argument: namesBeside(own) } : each));
  return [own, ...named];
}

function namesBeside({ commands }: CompletedCommand): string[] {
  return commands.map(({ name }) => name).filter((name) => name !== "help");
}

function completedOption(option: Option): CompletedOption {
  const flags = [option.short, option.long].filter((flag) => flag !== undefined && flag !== null);
  const takesValue = option.required;
  const values = option.argChoices ?? knownValues(option.flags);
  return { flags, description: option.description, takesValue, ...(values === undefined ? {} : { values }) };
}

/** By what an option's value is called. */
function knownValues(flags: string): Values | undefined {
  if (flags.includes("<provider:model>")) return MODELS;
  if (flags.includes("<file>")) return "file";
  return flags.includes("<dir>") ? "folder" : undefined;
}

function valuesOf(argument: Argument): readonly string[] {
  return argument.argChoices ?? (argument.name() === "key" ? settingNames() : []);
}

/** The settings' names, `chat.max_steps` and the like; those of servers have names of their own before them. */
export function settingNames(schema: z.core.$ZodType = configSchema, before = ""): string[] {
  return Object.entries(settingsIn(schema)).flatMap(([name, inner]) => {
    const plain = inner === undefined ? undefined : required(inner);
    const full = before + name;
    if (plain instanceof z.ZodObject) return settingNames(plain, `${full}.`);
    return plain instanceof z.ZodArray && name === "servers" ? [] : [full];
  });
}

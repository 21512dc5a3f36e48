// The script for fish: one line a command and an option.
import { valuedFlags } from "./cases.js";
import type { CompletedCommand, CompletedOption } from "./completed.js";

export function fishScript(commands: readonly CompletedCommand[]): string {
  const cases = commands.flatMap(({ path }) =>
    path.length === 0
      ? []
      : [
          `            case ${quoted(`${path.slice(0, -1).join(" ")}:${path.at(-1)}`)}\n                set place ${quoted(path.join(" "))}`,
        ],
  );
  const lines = commands.flatMap(({ path, commands: children, options, argument }) => {
    const at = `complete -c banyan -n ${quoted(`__banyan_at ${quoted(path.join(" "))}`)}`;
    return [
      ...children.map(({ name, description }) => `${at} -a ${name} -d ${quoted(description)}`),
      ...(argument.length === 0 ? [] : [`${at} -a ${quoted(argument.join(" "))}`]),
      ...options.map((option) => `${at} ${flagsOf(option)}${valuesOf(option)} -d ${quoted(option.description)}`),
    ];
  });
  return `# Completion of banyan for fish: banyan completion fish > ~/.config/fish/completions/banyan.fish
function __banyan_at
    set -l place ''
    set -l skip
    for word in (commandline -opc)[2..-1]
        if set -q skip[1]
            set -e skip
            continue
        end
        if contains -- $word ${valuedFlags(commands).join(" ")}
            set skip 1
            continue
        end
        switch "$place:$word"
${cases.join("\n")}
        end
    end
    test "$place" = "$argv[1]"
end
complete -c banyan -f
${lines.join("\n")}
`;
}

function flagsOf({ flags }: CompletedOption): string {
  return flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)).join(" ");
}

function valuesOf({ values, takesValue }: CompletedOption): string {
  if (!takesValue && values === undefined) return "";
  if (values === "file") return " -r -F";
  if (values === "folder") return " -x -a '(__fish_complete_directories)'";
  return values === undefined ? " -x" : ` -x -a ${quoted(values.join(" "))}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

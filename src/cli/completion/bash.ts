// The script for bash, 3.2 (macOS) and newer.
import { steps, valueCases, valuedFlags } from "./cases.js";
import type { CompletedCommand, Values } from "./completed.js";

export function bashScript(commands: readonly CompletedCommand[]): string {
  const words = commands.map(({ path, commands: children, options, argument }) => {
    const all = [...children.map(({ name }) => name), ...argument, ...options.flatMap(({ flags }) => flags)];
    return `    "${path.join(" ")}") words="${all.join(" ")}" ;;`;
  });
  return `# Completion of banyan for bash. In ~/.bashrc: source <(banyan completion bash)
_banyan() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" place="" words="" word skip="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if [ -n "$skip" ]; then skip=""; continue; fi
    case " ${valuedFlags(commands).join(" ")} " in *" $word "*) skip=1; continue ;; esac
    case "$place:$word" in
${steps(commands)}
    esac
  done
  COMPREPLY=()
  case "$place:$before" in
${valueCases(commands, offer)}
  esac
  case "$place" in
${words.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _banyan banyan
`;
}

function offer(values: Values): string {
  if (values === "file") return 'COMPREPLY=($(compgen -f -- "$current"))';
  if (values === "folder") return 'COMPREPLY=($(compgen -d -- "$current"))';
  return `COMPREPLY=($(compgen -W "${values.join(" ")}" -- "$current"))`;
}

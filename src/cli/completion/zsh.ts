// The script for zsh: sourced after compinit, or saved as _banyan in a folder of fpath.
import { steps, valueCases, valuedFlags } from "./cases.js";
import type { CompletedCommand, Values } from "./completed.js";

export function zshScript(commands: readonly CompletedCommand[]): string {
  const places = commands.map(({ path, commands: children, options, argument }) => {
    const names = [
      ...children.map((child) => described(child.name, child.description)),
      ...argument.map((name) => described(name, "")),
    ];
    const flags = options.flatMap((option) => option.flags.map((flag) => described(flag, option.description)));
    return `    "${path.join(" ")}") names=(${names.join(" ")}); flags=(${flags.join(" ")}) ;;`;
  });
  return `#compdef banyan
# Completion of banyan for zsh. In ~/.zshrc, after compinit: source <(banyan completion zsh)
_banyan() {
  local before="\${words[CURRENT-1]}" place="" word skip="" i
  local -a names flags
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    if [[ -n "$skip" ]]; then skip=""; continue; fi
    case " ${valuedFlags(commands).join(" ")} " in *" $word "*) skip=1; continue ;; esac
    case "$place:$word" in
${steps(commands)}
    esac
  done
  case "$place:$before" in
${valueCases(commands, offer)}
  esac
  case "$place" in
${places.join("\n")}
  esac
  (( \${#names} )) && _describe -t commands 'banyan' names
  [[ "\${words[CURRENT]}" == -* || \${#names} -eq 0 ]] && _describe -o -t options 'option' flags
}
if [[ "\${funcstack[1]}" == _banyan ]]; then _banyan "$@"; else compdef _banyan banyan; fi
`;
}

function offer(values: Values): string {
  if (values === "file") return "_files";
  if (values === "folder") return "_files -/";
  return `compadd -- ${values.map(quoted).join(" ")}`;
}

/** A word and what it means, as _describe takes them. */
function described(word: string, description: string): string {
  const plain = word.replaceAll(":", "\\:");
  return quoted(description === "" ? plain : `${plain}:${description}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

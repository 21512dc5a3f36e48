// What keys do in the panel of an approval or a consent: the letters and arrows choose, and any other text is a message.
import { answerOf, type Choice, choicesOf, type Wording, type YesOrNo } from "./components/approval.js";
import { paste } from "./editor.js";
import { startWith } from "./editor-state.js";
import type { InteractionState, PanelOutcome } from "./interaction-state.js";
import type { Input, Key } from "./keys.js";
import { lineKey } from "./line-keys.js";

/** Lines of arguments that Page Up and Page Down go. */
const PAGE = 4;

export function approvalKey(question: YesOrNo, state: InteractionState, input: Input): PanelOutcome {
  if (state.wording !== undefined) return wordingKey(state.wording, input);
  if (input.type === "key") return panelKey(question, state, input);
  const letter = input.type === "text" ? input.text.toLowerCase() : undefined;
  const chosen = choicesOf(question).find(({ key }) => key === letter);
  return chosen === undefined ? { write: true } : taken(chosen);
}

/** A choice that asks for words waits for them. */
function taken(choice: Choice): PanelOutcome {
  if (choice.writes === undefined) return { answer: answerOf(choice, "") };
  return { set: { wording: { choice, editor: startWith(choice.writes.first) } } };
}

function wordingKey({ choice, editor }: Wording, input: Input): PanelOutcome {
  if (input.type !== "key") {
    return { set: { wording: { choice, editor: paste(editor, input.text.replace(/\s+/g, " ")) } } };
  }
  if (input.name === "enter") return { set: { wording: undefined }, answer: answerOf(choice, editor.text.trim()) };
  if (input.name === "tab") return { leave: true };
  const changed = lineKey(editor, input);
  return changed === undefined ? {} : { set: { wording: { choice, editor: changed } } };
}

function panelKey(question: YesOrNo, { choice, scroll }: InteractionState, { name }: Key): PanelOutcome {
  const choices = choicesOf(question);
  switch (name) {
    case "left":
    case "up":
      return { set: { choice: Math.max(0, choice - 1) } };
    case "right":
    case "down":
      return { set: { choice: Math.min(choices.length - 1, choice + 1) } };
    case "pageup":
      return { set: { scroll: Math.max(0, scroll - PAGE) } };
    case "pagedown":
      return { set: { scroll: scroll + PAGE } };
    case "enter": {
      const marked = choices[choice];
      return marked === undefined ? {} : taken(marked);
    }
    case "tab":
      return { leave: true };
    default:
      return {};
  }
}

// What keys do in the panel of an approval or a consent: the letters and arrows choose, and any other text is a message.
import { choicesOf, type YesOrNo } from "./components/approval.js";
import type { InteractionState, PanelOutcome } from "./interaction-state.js";
import type { Input, Key } from "./keys.js";

/** Lines of arguments that Page Up and Page Down go. */
const PAGE = 4;

export function approvalKey(question: YesOrNo, state: InteractionState, input: Input): PanelOutcome {
  if (input.type === "key") return panelKey(question, state, input);
  const letter = input.type === "text" ? input.text.toLowerCase() : undefined;
  const chosen = choicesOf(question).find(({ key }) => key === letter);
  if (chosen === undefined) return { write: true };
  return { answer: { kind: "approval", decision: chosen.decision } };
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
      return marked === undefined ? {} : { answer: { kind: "approval", decision: marked.decision } };
    }
    case "tab":
      return { leave: true };
    default:
      return {};
  }
}

// What people ask of a chat about code again and again, as prompts for the programs that connect to it: filled in, to be sent with
// chat.send or given to a model of their own.
import type { OwnPrompt } from "../mcp/server/own-prompts.js";

const code = { name: "code", description: "The code, or the paths of files that can be read.", required: true };
const language = { name: "language", description: "What it is written in, such as TypeScript.", required: false };

export const chatPrompts: readonly OwnPrompt[] = [
  {
    info: {
      name: "code_review",
      title: "Review code",
      description: "Finds the faults of code, the worst first, each with its place and its mend.",
      arguments: [
        code,
        language,
        { name: "focus", description: "What matters most, such as security or speed.", required: false },
      ],
    },
    text: ({ code = "", language, focus }) =>
      paragraphs(
        `Review this ${inLanguage(language)}code as a careful colleague would before it is merged.`,
        focus && `Look at this above all: ${focus}.`,
        "Look for what is wrong (cases that fail, races, leaks, errors that are swallowed), what is unsafe (input that is trusted, secrets, " +
          "injection), what is slow where it matters, and what the next reader will misunderstand. If you can read the files around it, do so " +
          "before you judge.",
        "List what you find, the worst first. For each: the place (file and line, or the words), what goes wrong and when, how sure you are, and " +
          "the smallest change that mends it. Leave out matters of taste. If nothing is wrong, say so. End with one sentence: merge, or mend what first.",
        fenced(code, language),
      ),
  },
  {
    info: {
      name: "explain",
      title: "Explain",
      description: "Explains code, or an idea, to a reader you name: what it does, how, and why so.",
      arguments: [
        { name: "subject", description: "Code, the paths of files, or the name of an idea.", required: true },
        { name: "audience", description: "Who reads it, such as somebody new to the project.", required: false },
        language,
      ],
    },
    text: ({ subject = "", audience, language }) =>
      paragraphs(
        `Explain what follows to ${audience ?? "an experienced programmer who has not seen it before"}.`,
        "Begin with one sentence that says what it is for. Then go through it in the order in which things happen, with the names that stand " +
          "in it, and say why it is done so where that is not plain. Give one small example with its input and what comes of it. End with what is " +
          "easily misunderstood, and what it does not do. Say where you guess; if you can read the files, look rather than guess.",
        fenced(subject, language),
      ),
  },
  {
    info: {
      name: "refactor",
      title: "Refactor code",
      description: "Makes code simpler without changing what it does, in steps that can each be checked.",
      arguments: [
        code,
        { name: "goal", description: "What is to be better, such as easier to test.", required: false },
        language,
      ],
    },
    text: ({ code = "", goal, language }) =>
      paragraphs(
        `Refactor this ${inLanguage(language)}code. What it does for its callers stays as it is: results, errors, order, names that others use.`,
        goal === undefined
          ? "The goal: fewer ideas, plainer names, less to keep in mind while reading."
          : `The goal: ${goal}.`,
        "First say in a few words what is in the way, and which tests hold what it does; name those that are missing. Then make the change in " +
          "small steps, each of which works by itself, and say of each what it is for. Add no layer, option or package that the goal does not need. " +
          "Show the code as it is in the end, whole.",
        fenced(code, language),
      ),
  },
];

function paragraphs(...parts: readonly (string | undefined)[]): string {
  const said = parts.filter((part) => part !== undefined && part !== "");
  return said.join("\n\n");
}

function inLanguage(language: string | undefined): string {
  return language === undefined ? "" : `${language} `;
}

/** With a fence that nothing in it closes. */
function fenced(text: string, language = ""): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language.toLowerCase().replace(/[^a-z0-9+#-]/g, "")}\n${text}\n${fence}`;
}

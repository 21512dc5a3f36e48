// Text that others wrote (a server, a model, a program's last words) on its way to a terminal: an escape code in it could move the
// cursor, recolour the screen or fake a prompt. It stands this low because the tree that is drawn here shows such text, too.

const ESCAPE_SEQUENCE = /\u001B(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[ -/]*[0-~])?/g;
const CONTROL = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g;
const SUSPECT = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/;

/** The text without escape codes and control characters. Tabs stay, and `\n` alone is a line end. */
export function plainText(text: string): string {
  if (!SUSPECT.test(text)) return text;
  return text.replace(/\r\n?/g, "\n").replace(ESCAPE_SEQUENCE, "").replace(CONTROL, "");
}

const UNESCAPED = /[\u007F-\u009F]/g;

/** JSON that says the same to whoever parses it, without the control characters that JSON lets through: U+009B begins an escape code. */
export function plainJson(json: string): string {
  return json.replace(UNESCAPED, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}

// Searching what was said: the words of the query, in any order, each from its beginning ("resum" finds "resumed"), and what
// stands in quotes as it stands. The newest come first, so that the first ones are found without ranking all.
import { readMessage, type StoredMessage } from "./message.js";
import { readStep } from "./steps.js";
import type { SessionDatabase } from "./stored-sessions.js";

export interface SearchRequest {
  readonly query: string;
  /** Only in this folder. */
  readonly project: string | undefined;
  /** Most messages found. */
  readonly limit: number;
}

export interface Found {
  readonly session: string;
  readonly name: string | undefined;
  /** Of the message within its session, from 1. */
  readonly number: number;
  readonly role: StoredMessage["role"];
  /** Epoch milliseconds. */
  readonly at: number;
  /** What stands around the first of the words, on one line. */
  readonly snippet: string;
}

/** What is looked for: the words and phrases of a query, without what has no letter or digit. */
interface Term {
  readonly words: readonly string[];
  readonly phrase: boolean;
}

const MOST_TERMS = 16;
/** Rows looked at in one question to the Store. */
const AT_ONCE = 200;
/** Characters before the first word found, and after. */
const BEFORE = 20;
const AFTER = 100;

/** Nothing for a query in which there is no word. */
export async function searchMessages(database: SessionDatabase, request: SearchRequest): Promise<Found[]> {
  const terms = termsOf(request.query);
  const found: Found[] = [];
  let below = Number.MAX_SAFE_INTEGER;
  while (terms.length > 0 && found.length < request.limit) {
    const sql = `
      SELECT hit.seq, messages.session, messages.position, messages.body, sessions.name, sessions.project, sessions.state
      FROM (SELECT rowid AS seq FROM message_texts WHERE message_texts MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ${AT_ONCE}) AS hit
      JOIN messages ON messages.seq = hit.seq JOIN sessions ON sessions.id = messages.session
      ORDER BY hit.seq DESC`;
    const rows = await readStep(database, { sql, params: [matching(terms), below] });
    for (const row of rows) {
      await new Promise((resolve) => setImmediate(resolve)); // a message may be long, and others want a turn
      if (row.state !== "whole" || (request.project !== undefined && row.project !== request.project)) continue;
      const { role, at, text } = readMessage(row.body);
      found.push({
        session: String(row.session),
        name: typeof row.name === "string" ? row.name : undefined,
        number: Number(row.position) + 1,
        role,
        at,
        snippet: snippetOf(text, terms),
      });
      if (found.length === request.limit) break;
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < AT_ONCE) break;
    below = Number(last.seq);
  }
  return found;
}

function termsOf(query: string): Term[] {
  const parts = query.normalize("NFC").matchAll(/"([^"]*)"?|[^\s"]+/g);
  return [...parts]
    .map(([whole, quoted]) => ({ words: (quoted ?? whole).match(WORD) ?? [], phrase: quoted !== undefined }))
    .filter(({ words }) => words.length > 0)
    .slice(0, MOST_TERMS);
}

/** A word as the index takes it. */
const WORD = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;

/** Every word in quotes, and there are none in a word: what a user types is no syntax of the index. */
function matching(terms: readonly Term[]): string {
  return terms
    .map(({ words, phrase }) => {
      const prefix = phrase || (words.at(-1) ?? "").length < 2 ? "" : " *";
      return `"${words.join(" ")}"${prefix}`;
    })
    .join(" AND ");
}

function snippetOf(text: string, terms: readonly Term[]): string {
  const line = text.replace(/\s+/g, " ").trim();
  const plain = withoutMarks(line);
  const places = terms.map(({ words }) => plain.indexOf(withoutMarks(words[0] ?? ""))).filter((at) => at >= 0);
  const at = places.length === 0 ? 0 : Math.min(...places);
  const [start, end] = [Math.max(0, at - BEFORE), Math.min(line.length, at + AFTER)];
  return `${start > 0 ? "…" : ""}${line.slice(start, end)}${end < line.length ? "…" : ""}`;
}

/** As the index compares: of the same length, so that a place in the one is a place in the other. */
function withoutMarks(text: string): string {
  const whole = bare(text);
  if (whole.length === text.length) return whole; // as with almost all texts, and far faster
  return [...text].map((character) => fold(character)).join("");
}

function fold(character: string): string {
  const folded = bare(character);
  return folded.length === character.length ? folded : character;
}

function bare(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

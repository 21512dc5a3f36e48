// What is wrong with parameters, in one sentence each, for programs and models that are to mend them. What was sent is not repeated.
import type { z } from "zod";
import { nearest } from "../../actors/config/problems.js";

const MOST = 20;
const LONGEST_NAME = 100;

/** Such as `capability must be a string`. `known`: the names of the parameters there are. */
export function wrongParams(issues: readonly z.core.$ZodIssue[], params: unknown, known: readonly string[]): string[] {
  return issues.flatMap((issue) => sentences(issue, params, known)).slice(0, MOST);
}

function sentences(issue: z.core.$ZodIssue, params: unknown, known: readonly string[]): string[] {
  const at = nameOf(issue.path);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => {
        const near = issue.path.length === 0 ? nearest(key, known) : undefined;
        const mend = near === undefined ? `there are ${known.join(", ")}` : `did you mean ${near}?`;
        return `${key.slice(0, LONGEST_NAME)} is no parameter; ${mend}`;
      });
    case "invalid_type":
      return [
        valueAt(params, issue.path) === undefined ? `${at} is missing` : `${at} must be ${kinds[issue.expected]}`,
      ];
    case "too_big":
      return [`${at} must ${sizeOf(issue.origin, "at most", Number(issue.maximum))}`];
    case "too_small":
      return [`${at} must ${sizeOf(issue.origin, "at least", Number(issue.minimum))}`];
    case "invalid_value":
      return [`${at} must be one of ${issue.values.map(String).join(", ")}`];
    default:
      return [`${at}: ${issue.message}`];
  }
}

const kinds: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

function sizeOf(origin: string, bound: string, size: number): string {
  if (origin === "string") return size === 1 ? "not be empty" : `have ${bound} ${size} characters`;
  if (origin === "array") return `have ${bound} ${size} entries`;
  return `be ${bound} ${size}`;
}

function nameOf(path: readonly PropertyKey[]): string {
  const name = path.map(String).join(".");
  return name === "" ? "params" : name.slice(0, LONGEST_NAME);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, step) =>
      typeof at === "object" && at !== null && Object.hasOwn(at, step) ? Reflect.get(at, step) : undefined,
    value,
  );
}

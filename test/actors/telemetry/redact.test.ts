import { describe, expect, it } from "vitest";
import {
  HIDDEN,
  keepSecret,
  keepSecretsOf,
  loggable,
  redact,
  redactAll,
} from "../../../src/actors/telemetry/redact.js";

describe("a secret that was resolved", () => {
  it("is hidden word for word, also where JSON or an address has written it another way", () => {
    keepSecret('pa"ss wörd/1');
    for (const form of ['pa"ss wörd/1', 'pa\\"ss wörd/1', "pa%22ss%20w%C3%B6rd%2F1"]) {
      expect(redact(`before ${form} after`)).toBe(`before ${HIDDEN} after`);
    }
  });

  it("of several lines is hidden line by line", () => {
    keepSecret("first-line-of-it\nsecond-line-of-it");
    expect(redact("x first-line-of-it y\nsecond-line-of-it")).toBe(`x ${HIDDEN} y\n${HIDDEN}`);
  });

  it("goes as a whole where a shorter one is part of it", () => {
    keepSecret("inner-secret");
    keepSecret("outer-inner-secret-outer");
    expect(redact("outer-inner-secret-outer")).toBe(HIDDEN);
  });

  it("too short to be one riddles no text", () => {
    keepSecret("true");
    expect(redact("it is true")).toBe("it is true");
  });

  it("is also what a variable's name calls a key, a token or a password", () => {
    keepSecretsOf({ MY_API_KEY: "value-of-the-key", DB_PASSWORD: "value-of-the-password", HOME: "/home/of-somebody" });
    expect(redact("value-of-the-key value-of-the-password /home/of-somebody")).toBe(
      `${HIDDEN} ${HIDDEN} /home/of-somebody`,
    );
  });
});

describe("what looks like a secret is hidden although nobody told of it", () => {
  it.each([
    ["an API key", "key sk-proj-abc123def456ghi789", `key ${HIDDEN}`],
    ["a GitHub token", "ghp_0123456789abcdefghijABCDEFGHIJ012345", HIDDEN],
    ["a fine-grained GitHub token", "github_pat_0123456789abcdefghij_ABCDEF", HIDDEN],
    ["an AWS key id", "id AKIAIOSFODNN7EXAMPLE.", `id ${HIDDEN}.`],
    ["a bearer header", "authorization: Bearer abc.def-123456", `authorization: Bearer ${HIDDEN}`],
    ["basic credentials", "Basic dXNlcjpwYXNzd29yZA==", `Basic ${HIDDEN}`],
    ["a JWT", "got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl!", `got ${HIDDEN}!`],
    ["credentials in an address", "postgres://ada:hunter2@db.example/x", `postgres://${HIDDEN}@db.example/x`],
    ["a parameter of an address", "https://h/?api_key=abcdef&x=1", `https://h/?api_key=${HIDDEN}&x=1`],
    ["a field of JSON", '{"client_secret": "abcdef"}', `{"client_secret": "${HIDDEN}"}`],
    ["a private key", "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----", HIDDEN],
  ])("%s", (_, text, clean) => {
    expect(redact(text)).toBe(clean);
  });

  it.each([
    "the secret file /run/key cannot be read",
    "2 input tokens: 12",
    "http://127.0.0.1:8080/a@b",
    "ask-me-anything about tokens",
    "basic arithmetic",
  ])("and this is left as it is: %s", (text) => {
    expect(redact(text)).toBe(text);
  });
});

it("hides what a key calls a secret, cuts long texts and lists, and what lies too deep", () => {
  const deep = { a: { a: { a: { a: { a: { a: { a: 1 } } } } } } };
  const fields = loggable({
    child: { env: { API_KEY: "abc", accessToken: "def", HOME: "/h" } },
    inputTokens: 7,
    text: "x".repeat(1_000_000),
    many: Array.from({ length: 1_000 }, (_, i) => i),
    deep,
  });
  const json = JSON.stringify(fields);
  expect(fields).toMatchObject({
    child: { env: { API_KEY: HIDDEN, accessToken: HIDDEN, HOME: "/h" } },
    inputTokens: 7,
  });
  expect(json.length).toBeLessThan(4_000);
  expect(json).toContain("…");
});

it("leaves the shape of plain data as it is", () => {
  keepSecret("shape-secret");
  expect(redactAll({ name: "a", list: [1, "shape-secret", null], at: undefined })).toEqual({
    name: "a",
    list: [1, HIDDEN, null],
    at: undefined,
  });
});

it("answers for a text made to be slow", () => {
  for (const part of [
    "://:",
    "token=",
    "Bearer ",
    "eyJaaaaaaaaa.",
    "a://b:",
    "-----BEGIN PRIVATE KEY-----",
    "secret",
  ]) {
    expect(redact(part.repeat(200_000)).length).toBeLessThanOrEqual(64 * 1024 + 64 * 1024);
  }
});

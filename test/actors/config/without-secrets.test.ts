import { describe, expect, test } from "vitest";
import { withoutSecrets } from "../../../src/actors/config/without-secrets.js";

describe("settings as they are shown", () => {
  test.each([
    { env: { TOKEN: `\${env:TOKEN}`, AUTHORIZATION: `Bearer \${file:/run/key}`, LEVEL: "debug" } },
    { args: ["-y", "some-server", "--verbose", "--port=80", "--token", `\${env:TOKEN}`, `--key=\${env:KEY}`] },
    { base_url: "https://host/v1?x=1", max_tokens: 4096, system_prompt: "Say what a token is.", model: "openai:gpt-5" },
  ])("hold what is no secret, and references: %j", (settings) => {
    expect(withoutSecrets(settings)).toEqual(settings);
  });

  test.each([
    [{ API_TOKEN: "s3cret" }],
    [{ db_password: "s3cret" }],
    [{ A: "sk-s3cret-s3cret" }],
    [{ A: "x ghp_s3crets3cret y" }],
    [{ A: "Bearer s3cret-s3cret" }],
    [{ A: "https://ada:s3cret@host/" }],
    [["--token", "s3cret"]],
    [["--api-key=s3cret"]],
    [["--header", "Authorization: Bearer s3cret-s3cret"]],
    [{ TOKEN: `sk-s3cret-s3cret\${env:A}` }],
  ])("do not hold what looks like a secret: %j", (settings) => {
    expect(JSON.stringify(withoutSecrets(settings))).not.toContain("s3cret");
    expect(JSON.stringify(withoutSecrets(settings))).toContain("(not shown)");
  });
});
